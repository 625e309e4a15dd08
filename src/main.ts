#!/usr/bin/env node
/** argv in, exit code out. The only file that ends the process, and the one place that prints errors. */
import { basename } from 'node:path';
import { runCli } from './cli.ts';
import { errorText } from './error-text.ts';
import { CancelledError, exitCodeOf } from './errors.ts';
import { openOutput } from './terminal/output.ts';
import { versionText } from './version.ts';

const output = openOutput();
const cancel = new AbortController();

/** The first asks the operation to end at a safe place; the second ends the process where it is. */
function onSignal(): void {
  if (cancel.signal.aborted) process.exit(130);
  cancel.abort(new CancelledError('stopped'));
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);

/** Both run the same file: what called it is told by the name it was called by, or by what the shell had run. */
function programName(): string {
  const names = [process.argv0, process.argv[1], process.env._].map((path) => basename(path ?? ''));
  return names.some((name) => /^oc(-|_|\.exe$|$)/.test(name)) ? 'oc pvsnap' : 'kubectl pvsnap';
}

// Without await at the top: the packaged program is CommonJS.
void run();

async function run(): Promise<void> {
  try {
    if (process.argv[2] === '--version') await output.print(versionText);
    else await runCli(process.argv.slice(2), { output, cancelled: cancel.signal, programName: programName() });
    process.exit(0);
  } catch (error) {
    const text = errorText(error, { width: output.width, toTerminal: process.stderr.isTTY });
    if (text !== '') output.note(text);
    process.exit(exitCodeOf(error));
  }
}
