/** What every verb is given, and what it exports to the command line. */
import type { Options } from 'yargs';
import type { Cluster } from '../cluster/cluster.ts';
import type { Output } from '../terminal/output.ts';

/** Flags as yargs read them, by their names on the command line; `_` holds what stands after the verb. */
export interface Arguments {
  readonly [flag: string]: unknown;
  readonly _: readonly string[];
}

export interface Invocation {
  args: Arguments;
  output: Output;
  /** Opens the connection when it is first needed, so that a usage error never touches the cluster. */
  connect: () => Cluster;
  /** Aborted with a CancelledError by Ctrl-C and the like. */
  cancelled: AbortSignal;
  /** How the user calls the program: `kubectl pvsnap` or `oc pvsnap`. */
  programName: string;
}

/** A verb's file in commands/. */
export interface Command {
  /** Its line and what it does, for `--help`; $0 is the program's name. */
  usage: string;
  flags: Record<string, Options>;
  /** Command lines with what they do. */
  examples: readonly (readonly [string, string])[];
  run: (invocation: Invocation) => Promise<void>;
}
