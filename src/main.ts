#!/usr/bin/env node
/** argv in, exit code out. The only file that ends the process, and the one place that prints errors. */
import { basename } from 'node:path';
import { runCli } from './cli.ts';
import { CancelledError, ClusterError, RefusedError, exitCodeOf } from './errors.ts';
import { openOutput } from './terminal/output.ts';
import { findingsText } from './terminal/plan.ts';
import { shownLines } from './terminal/text.ts';

const output = openOutput();
const cancel = new AbortController();

/** The first asks the operation to end at a safe place; the second ends the process where it is. */
function onSignal(): void {
  if (cancel.signal.aborted) process.exit(130);
  cancel.abort(new CancelledError('stopped'));
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);

/** oc and kubectl run plugins by the same file: what called it is told by the name it was called by. */
function programName(): string {
  return basename(process.argv[1] ?? '').startsWith('oc') ? 'oc pvsnap' : 'kubectl pvsnap';
}

function describe(error: unknown): string {
  if (error instanceof RefusedError && error.findings.length > 0) {
    return findingsText(`error: ${error.message}`, error.findings, output.width);
  }
  if (error instanceof ClusterError) return shownLines(error.message);
  if (error instanceof CancelledError) return shownLines(error.message);
  if (error instanceof Error) return shownLines(`error: ${error.message}`);
  return shownLines(`error: ${String(error)}`);
}

try {
  await runCli(process.argv.slice(2), { output, cancelled: cancel.signal, programName: programName() });
  process.exit(0);
} catch (error) {
  output.note(`${describe(error)}\n`);
  process.exit(exitCodeOf(error));
}
