/** Flags that several verbs share, and how their values are read. Every error names the flag, the value and what was expected. */
import type { Options } from 'yargs';
import { parseDuration } from '../cluster/config.ts';
import { UsageError } from '../errors.ts';
import type { Arguments } from './command.ts';

export const dryRunFlag: Options = {
  type: 'string',
  describe:
    'none (the default), client (only show what would be done) or server (the server checks it, and stores nothing)',
};

export const outputFlag: Options = {
  type: 'string',
  alias: 'o',
  describe: 'How to print the result: name, json or yaml',
};

export const yesFlag: Options = { type: 'boolean', alias: 'y', describe: "Don't ask" };

export const timeoutFlag: Options = {
  type: 'string',
  default: '10m',
  describe: 'How long each wait may take: staging, stopping, starting',
};

export type DryRun = 'none' | 'client' | 'server';
export type OutputFormat = 'name' | 'json' | 'yaml';

export function dryRunOf(args: Arguments): DryRun {
  return oneOf(args, 'dry-run', ['none', 'client', 'server']) ?? 'none';
}

export function formatOf(args: Arguments): OutputFormat | undefined {
  return oneOf(args, 'output', ['name', 'json', 'yaml']);
}

/** @throws UsageError when the flag has another value */
export function oneOf<T extends string>(args: Arguments, flag: string, allowed: readonly T[]): T | undefined {
  const value = textOf(args, flag);
  if (value === undefined) return undefined;
  const found = allowed.find((word) => word === value);
  if (found !== undefined) return found;
  throw new UsageError(`--${flag} "${value}": expected ${allowed.join(', ')}`);
}

export function textOf(args: Arguments, flag: string): string | undefined {
  const value = args[flag];
  return typeof value === 'string' ? value : undefined;
}

/** A flag that may be given several times, each time with a list divided by commas. */
export function listOf(args: Arguments, flag: string): string[] {
  const value = args[flag];
  const given = Array.isArray(value) ? (value as unknown[]) : [value];
  return given
    .filter((text) => typeof text === 'string')
    .flatMap((text) => text.split(',').filter((part) => part !== ''));
}

/** A Go duration; 0 is no limit for kubectl, and the longest that a timer can hold here: 24 days. */
export function timeoutMsOf(args: Arguments, flag = 'timeout'): number {
  const longestMs = 2 ** 31 - 1;
  const value = textOf(args, flag) ?? '';
  const timeoutMs = value === '0' ? 0 : parseDuration(value);
  if (timeoutMs === undefined) throw new UsageError(`--${flag} "${value}": expected a duration such as 90s, 10m or 1h`);
  return timeoutMs === 0 ? longestMs : Math.min(timeoutMs, longestMs);
}
