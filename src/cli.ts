/** The command line: kubectl's global flags and our verbs. A verb's file is loaded only when it runs. */
import type { Argv, Options } from 'yargs';
import yargs from 'yargs';
import type { Cluster } from './cluster/cluster.ts';
import type { ConfigFlags } from './cluster/config.ts';
import type { Arguments, Command } from './commands/command.ts';
import { UsageError } from './errors.ts';
import type { Output } from './terminal/output.ts';
import { setColours } from './terminal/style.ts';
import { warningLine } from './terminal/warning.ts';

const verbs: readonly { name: string; describe: string; load: () => Promise<Command> }[] = [
  {
    name: 'create',
    describe: 'Take a set: snapshots of all claims at one instant',
    load: () => import('./commands/create.ts'),
  },
  {
    name: 'restore',
    describe: 'Bring the data of a set back, in place or beside',
    load: () => import('./commands/restore.ts'),
  },
  {
    name: 'resume',
    describe: 'Go on with an operation that was interrupted',
    load: () => import('./commands/resume.ts'),
  },
  {
    name: 'undo',
    describe: 'Give claims the volumes back that an operation parked',
    load: () => import('./commands/undo.ts'),
  },
  {
    name: 'commit',
    describe: 'Delete the volumes that an operation parked',
    load: () => import('./commands/commit.ts'),
  },
  {
    name: 'get',
    describe: 'List sets, operations, snapshots, contents and classes',
    load: () => import('./commands/get.ts'),
  },
  {
    name: 'describe',
    describe: 'Show a set or an operation in full, and what to do next',
    load: () => import('./commands/describe.ts'),
  },
  {
    name: 'doctor',
    describe: 'Find out what is wrong with Velero, and what to do',
    load: () => import('./commands/doctor.ts'),
  },
  {
    name: 'run',
    describe: "Make the backup of a schedule of Velero's now",
    load: () => import('./commands/run-schedule.ts'),
  },
  {
    name: 'pause',
    describe: "Keep a schedule of Velero's from making backups",
    load: () => import('./commands/pause.ts'),
  },
  {
    name: 'unpause',
    describe: "Let a schedule of Velero's make backups again",
    load: () => import('./commands/unpause.ts'),
  },
  {
    name: 'version',
    describe: "Print the program's version, and the snapshot APIs of the cluster",
    load: () => import('./commands/version.ts'),
  },
];

/**
 * kubectl's own (k8s.io/cli-runtime ConfigFlags). Understood by every verb; `--help` shows the three that people use
 * and points to `kubectl options` for the rest.
 */
const connectionFlags: Record<string, Options> = {
  namespace: { type: 'string', alias: 'n', describe: 'The namespace; that of the context when not given' },
  context: { type: 'string', describe: 'The kubeconfig context' },
  kubeconfig: { type: 'string', describe: 'Path to the kubeconfig file' },
  cluster: hidden('string'),
  user: hidden('string'),
  server: { ...hidden('string'), alias: 's' },
  token: hidden('string'),
  as: hidden('string'),
  'as-uid': hidden('string'),
  'as-group': hidden('array'),
  'as-user-extra': hidden('array'),
  'certificate-authority': hidden('string'),
  'client-certificate': hidden('string'),
  'client-key': hidden('string'),
  'insecure-skip-tls-verify': hidden('boolean'),
  'tls-server-name': hidden('string'),
  'request-timeout': hidden('string'),
  'cache-dir': hidden('string'),
  'disable-compression': hidden('boolean'),
};

function hidden(type: 'string' | 'array' | 'boolean'): Options {
  return { type, hidden: true, ...(type === 'array' && { string: true }) };
}

const ownFlags: Record<string, Options> = {
  v: { type: 'number', default: 0, describe: 'Level of detail: 6 and above trace every request to stderr' },
  'no-color': { type: 'boolean', describe: "Don't use colours" },
};

export interface Surroundings {
  output: Output;
  cancelled: AbortSignal;
  programName: string;
}

/** @throws UsageError for a command line that isn't understood; whatever the verb throws */
export async function runCli(argv: readonly string[], surroundings: Surroundings): Promise<void> {
  let parsed: { command: Command; args: Arguments } | undefined;
  if (argv[0] === '__complete') {
    await complete(argv.slice(1), surroundings.output);
    return;
  }
  const program = verbs.reduce(
    (parser, { name, describe, load }) =>
      parser.command(
        `${name} [words..]`,
        describe,
        async (builder: Argv) => helped(builder, await load()),
        async (args) => {
          const command = await load();
          checkBooleans(argv, { ...command.flags, ...connectionFlags, ...ownFlags });
          parsed = { command, args: { ...lastOfEach(args), ...listsOf(args, command.flags), _: wordsOf(args) } };
        },
      ),
    newParser(surroundings.programName),
  );
  try {
    await program.parseAsync(argv.length === 0 ? ['--help'] : splitShortValues(argv));
  } catch (error) {
    throw error instanceof Error && error.name === 'YError'
      ? misunderstood(error.message, surroundings.programName)
      : error;
  }
  if (parsed === undefined) return;
  const { command, args } = parsed;
  if (args['no-color'] === true) setColours(false);
  const cluster = await lazyCluster(args, surroundings.output);
  try {
    await command.run({ ...surroundings, args, connect: cluster.open });
  } finally {
    cluster.close();
  }
}

/** For shells: quick, and silent whatever happens. */
async function complete(words: readonly string[], output: Output): Promise<void> {
  const { completionOf } = await import('./commands/complete.ts');
  const globalFlags = { ...connectionFlags, ...ownFlags };
  const text = await completionOf(words, { verbs, globalFlags }, async (sought, typed) => {
    const [{ valuesFor }, { openCluster }] = await Promise.all([
      import('./commands/complete-values.ts'),
      import('./cluster/cluster.ts'),
    ]);
    const flags = { 'request-timeout': '3s', ...sought.args } as unknown as ConfigFlags;
    return valuesFor(sought, typed, () => openCluster(flags));
  });
  await output.print(text);
}

function newParser(programName: string): Argv {
  return yargs()
    .scriptName(programName)
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'duplicate-arguments-array': true,
      'greedy-arrays': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
    })
    .usage('$0 VERB [flags]\n\nBacks up and restores stateful applications with CSI volume snapshots.')
    .options(withValues({ ...ownFlags, ...connectionFlags }))
    .demandCommand(1, 'a verb is missing')
    .epilogue("kubectl's global flags are understood too: kubectl options")
    .updateStrings({ 'Options:': 'Global flags:', 'Commands:': 'Verbs:' })
    .showHelpOnFail(false)
    .strict()
    .version(false)
    .help()
    .alias('help', 'h')
    .wrap(null)
    .exitProcess(false)
    .fail((message: string | null, error: Error | undefined) => {
      throw error ?? misunderstood(message ?? '', programName);
    });
}

/** yargs' own words, made to name the flag as it is typed. */
function misunderstood(message: string, programName: string): UsageError {
  const [, flag] = /^Not enough arguments following: (.*)$/.exec(message) ?? [];
  const words = flag === undefined ? message : `--${flag} needs a value`;
  return new UsageError(`${words}; see: ${programName} --help`);
}

/** A verb's own flags stand in its help before the global ones. */
function helped(builder: Argv, { usage, flags, examples }: Command): Argv {
  const described = builder.usage(usage).options(withValues(flags)).group(Object.keys(flags), 'Flags:');
  return examples.reduce((parser, [line, what]) => parser.example(line, what), described);
}

/** A flag that takes a value must have one: without, yargs would take its default in silence. */
function withValues(flags: Record<string, Options>): Record<string, Options> {
  const entries = Object.entries(flags);
  return Object.fromEntries(
    entries.map(([name, options]) => [name, options.type === 'boolean' ? options : { ...options, requiresArg: true }]),
  );
}

/** A flag that is given twice counts as it was given last, as in kubectl. */
function lastOfEach(args: Record<string, unknown>): Record<string, unknown> {
  const last = (value: unknown): unknown => (Array.isArray(value) ? (value as unknown[]).at(-1) : value);
  return Object.fromEntries(Object.entries(args).map(([name, value]) => [name, last(value)]));
}

/** Flags that may be given several times keep all their values. */
function listsOf(args: Record<string, unknown>, flags: Record<string, Options>): Record<string, unknown> {
  const lists = Object.entries({ ...connectionFlags, ...flags }).filter(([, { type }]) => type === 'array');
  return Object.fromEntries(lists.map(([name]) => [name, args[name]]));
}

/** yargs takes any other word for false. */
function checkBooleans(argv: readonly string[], flags: Record<string, Options>): void {
  for (const word of argv) {
    const [, name = '', value = ''] = /^--?([^=]+)=(.*)$/s.exec(word) ?? [];
    const isBoolean = Object.entries(flags).some(
      ([flag, { type, alias }]) => type === 'boolean' && (flag === name || alias === name),
    );
    if (isBoolean && value !== 'true' && value !== 'false') {
      throw new UsageError(`--${name} "${value}": expected true or false`);
    }
  }
}

function wordsOf(args: Record<string, unknown>): string[] {
  const { words, _: rest } = args;
  const given = Array.isArray(words) ? words.map(String) : [];
  // yargs puts what follows `--` behind the verb.
  return Array.isArray(rest) ? [...given, ...rest.slice(1).map(String)] : given;
}

/** kubectl takes `-ojson`, `-nkafka` and `-Aowide`; yargs would read a group of one-letter flags. */
function splitShortValues(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  return argv.flatMap((word, index) => {
    const [, switches = '', letter, value] = /^-([Aw]*)([nolsvLfk])=?(.+)$/s.exec(word) ?? [];
    const isFlag = letter !== undefined && value !== undefined && (end < 0 || index < end);
    return isFlag ? [...Array.from(switches, (each) => `-${each}`), `-${letter}`, value] : [word];
  });
}

/** The connection is loaded only when a verb asks for it. */
async function lazyCluster(args: Arguments, output: Output): Promise<{ open: () => Cluster; close: () => void }> {
  const { openCluster } = await import('./cluster/cluster.ts');
  const trace =
    Number(args.v) >= 6
      ? (line: string): void => {
          output.note(`${line}\n`);
        }
      : undefined;
  const warn = (text: string): void => {
    output.note(warningLine(text, process.stderr));
  };
  let opened: Cluster | undefined;
  return {
    open: () => (opened ??= openCluster(args as unknown as ConfigFlags, trace, warn)),
    close: () => opened?.close(),
  };
}
