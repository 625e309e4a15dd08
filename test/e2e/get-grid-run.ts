/** Runs a command line in both programs: kubectl as a process, ours inside this one, which takes a tenth of the time. */
import { runCli } from '../../src/cli.ts';
import { errorText } from '../../src/error-text.ts';
import { exitCodeOf } from '../../src/errors.ts';
import type { Output } from '../../src/terminal/output.ts';
import type { Finished, TestNamespace } from '../cluster/namespace.ts';

/** What both say of themselves. */
const programName = 'kubectl';

export interface Difference {
  args: readonly string[];
  ours: Finished;
  kubectls: Finished;
}

const age = /(?<![\w-])(\d+[smhdy]){1,2}(?![\w-])/g;

/** @returns undefined when stdout, stderr and exit code are the same */
export async function differenceOf(namespace: TestNamespace, args: readonly string[]): Promise<Difference | undefined> {
  const [ours, kubectls] = await Promise.all([
    runOurs(['--namespace', namespace.name, ...args]),
    namespace.kubectl(...args).then(withoutOtherFormats),
  ]);
  return isSame(ours, kubectls) ? undefined : { args, ours, kubectls };
}

/** With nothing else running, an age ticks between the two about once in ten times. */
const mostRunsAlone = 10;

/** What remains of a difference: where only ages differ, which go on while both run, both run again. */
export async function lasting(
  namespace: TestNamespace,
  difference: Difference | undefined,
): Promise<Difference | undefined> {
  let last = difference;
  for (let run = 0; run < mostRunsAlone && last !== undefined && areAgesAlone(last); run++) {
    last = await differenceOf(namespace, last.args);
  }
  return last;
}

function areAgesAlone({ ours, kubectls }: Difference): boolean {
  return isSame(withoutAges(ours), withoutAges(kubectls));
}

/** Formats that docs/get.md says are kubectl's alone, in its list of them. */
function withoutOtherFormats({ stderr, ...others }: Finished): Finished {
  return { ...others, stderr: stderr.replace(/\b(go-template(-file)?|kyaml|template(file)?),/g, '') };
}

/** The command line, and the first lines that differ. */
export function described(difference: Difference): string {
  const { args } = difference;
  const [ours, kubectls] = areAgesAlone(difference)
    ? [difference.ours, difference.kubectls]
    : [withoutAges(difference.ours), withoutAges(difference.kubectls)];
  const parts = (['code', 'stdout', 'stderr'] as const).flatMap((part) => {
    const [own, other] = [ours[part], kubectls[part]].map((value) => String(value).split('\n'));
    const at = own?.findIndex((line, index) => line !== other?.[index]) ?? -1;
    const line = at < 0 ? (own?.length ?? 0) : at;
    const isSamePart = own?.join('\n') === other?.join('\n');
    return isSamePart
      ? []
      : [`  ${part}, line ${line + 1}: ${shortened(own?.[line])} instead of ${shortened(other?.[line])}`];
  });
  return [args.join(' '), ...parts].join('\n');
}

function shortened(line: string | undefined): string {
  return (JSON.stringify(line) as string | undefined)?.slice(0, 300) ?? 'nothing';
}

function isSame(a: Finished, b: Finished): boolean {
  return a.stdout === b.stdout && a.stderr === b.stderr && a.code === b.code;
}

function withoutAges({ stdout, ...others }: Finished): Finished {
  return { ...others, stdout: stdout.replace(age, 'AGE').replace(/ +/g, ' ') };
}

interface Watching {
  cancelled?: AbortSignal;
  /** Told of every text on stdout and stderr. */
  onText?: (text: string) => void;
}

/** As main.ts does it, but with streams that collect. */
export async function runOurs(
  args: readonly string[],
  { cancelled = new AbortController().signal, onText }: Watching = {},
): Promise<Finished> {
  let stdout = '';
  let stderr = '';
  const add = (text: string): Promise<void> => {
    stdout += text;
    onText?.(text);
    return Promise.resolve();
  };
  const note = (text: string): void => {
    stderr += text.endsWith('\n') ? text : `${text}\n`;
    onText?.(text);
  };
  const alarming = (plain: string): string => plain;
  const output: Output = {
    interactive: false,
    toTerminal: false,
    width: Infinity,
    alarming,
    print: add,
    write: add,
    note,
  };
  try {
    await runCli(args, { output, cancelled, programName });
    return { stdout, stderr, code: 0 };
  } catch (error) {
    const text = errorText(error, { width: Infinity, toTerminal: false });
    if (text !== '') note(text);
    return { stdout, stderr, code: exitCodeOf(error) };
  }
}

/** Calls `work` for each item, so many at a time. */
export async function inPool<T>(items: readonly T[], size: number, work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  const worker = async (): Promise<void> => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: size }, worker));
}
