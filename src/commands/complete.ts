/**
 * Answers a shell that completes `kubectl pvsnap ...`: lines `value<TAB>description`, and last a directive, as cobra
 * (github.com/spf13/cobra, completions.go) has them. It never says anything else: the user is typing.
 */
import type { Options } from 'yargs';
import type { Arguments, Command } from './command.ts';

type Flags = Record<string, Options>;

export interface Grammar {
  verbs: readonly { name: string; describe: string; load: () => Promise<Command> }[];
  globalFlags: Flags;
}

/** What the word that is being typed may be: a list, or what the cluster knows. */
export interface Sought {
  /** A verb and the words after it; the flag whose value is typed. */
  verb: string | undefined;
  words: string[];
  flag: string | undefined;
  args: Arguments;
}

/** Finds values; `description` may follow a tab. An error counts as none found. */
export type Finder = (sought: Sought, typed: string) => Promise<string[]>;

const NO_SPACE = 2;
const NO_FILES = 4;
/** Flags whose value is a file: the shell knows best. */
const fileFlags = new Set(['kubeconfig', 'filename', 'certificate-authority', 'client-certificate', 'client-key']);

/** @param typed the words after the program's name; the last is the one to complete, and may be empty */
export async function completionOf(typed: readonly string[], grammar: Grammar, find: Finder): Promise<string> {
  const before = typed.slice(0, -1);
  const current = typed.at(-1) ?? '';
  const sought = await readWords(before, grammar);
  const flags = await flagsFor(sought.verb, grammar);
  const [, ownFlag, ownValue] = /^--([^=]+)=(.*)$/s.exec(current) ?? [];
  const flag = ownFlag ?? sought.flag;
  const prefix = ownFlag === undefined ? '' : `--${ownFlag}=`;
  const value = ownValue ?? current;
  if (flag !== undefined && fileFlags.has(flag)) return answer([], 0);
  const isFlagName = flag === undefined && current.startsWith('-') && !before.includes('--');
  const candidates = isFlagName
    ? flagLines(flags)
    : flag === undefined && sought.verb === undefined
      ? grammar.verbs.map(({ name, describe }) => `${name}\t${describe}`)
      : await find({ ...sought, flag }, value).catch(() => []);
  const fitting = candidates.filter((line) => line.startsWith(value)).map((line) => `${prefix}${line}`);
  const isUnfinished = fitting.length > 0 && fitting.every((line) => /^[^\t]*[/=]$/.test(line.split('\t')[0] ?? ''));
  return answer(fitting, isUnfinished ? NO_FILES | NO_SPACE : NO_FILES);
}

function answer(lines: readonly string[], directive: number): string {
  return [...lines, `:${directive}`, ''].join('\n');
}

async function readWords(before: readonly string[], grammar: Grammar): Promise<Sought> {
  const args: Record<string, unknown> = {};
  const words: string[] = [];
  let verb: string | undefined;
  let flags = grammar.globalFlags;
  let pending: string | undefined;
  for (const word of before) {
    if (pending !== undefined) {
      args[pending] = valueOf(args[pending], word, flags[pending]);
      pending = undefined;
    } else if (word.startsWith('-') && word !== '-') {
      const [, dashes = '', name = '', value] = /^(--?)([^=]*)=?(.*)$/s.exec(word) ?? [];
      const flag = flagNamed(flags, name);
      const hasValue = dashes !== '' && word.includes('=');
      if (flag === undefined) continue;
      if (hasValue) args[flag] = valueOf(args[flag], value ?? '', flags[flag]);
      else if (flags[flag]?.type === 'boolean') args[flag] = true;
      else pending = flag;
    } else if (verb === undefined) {
      verb = word;
      flags = await flagsFor(verb, grammar);
    } else words.push(word);
  }
  return { verb, words, flag: pending, args: { ...args, _: words } };
}

function valueOf(former: unknown, value: string, options: Options | undefined): unknown {
  if (options?.type !== 'array') return value;
  return [...(Array.isArray(former) ? (former as unknown[]) : []), value];
}

function flagNamed(flags: Flags, name: string): string | undefined {
  return Object.entries(flags).find(([flag, { alias }]) => flag === name || alias === name)?.[0];
}

async function flagsFor(verb: string | undefined, { verbs, globalFlags }: Grammar): Promise<Flags> {
  const command = await verbs.find(({ name }) => name === verb)?.load();
  return { ...command?.flags, ...globalFlags };
}

function flagLines(flags: Flags): string[] {
  return Object.entries(flags)
    .filter(([, { hidden }]) => hidden !== true)
    .map(([name, { describe, type }]) => `--${name}${type === 'boolean' ? '' : '='}\t${describe ?? ''}`);
}
