/** What a part of the benchmark is, and what it is given. */
import type { Api } from '../../test/cluster/api.ts';
import type { ApiLimits } from '../../test/cluster/components.ts';
import type { ClusterFacts } from '../../test/cluster/facts.ts';

export interface Bench {
  cluster: ClusterFacts;
  /** How the cluster's sidecars are limited. */
  apiLimits: ApiLimits;
  api: Api;
  /** How often to measure what is cheap; what takes minutes is measured once. */
  runs: number;
  /** Words to put before a measured command, such as those that let it go before other work on the machine. */
  before: readonly string[];
  /** No measurement has more claims. */
  maxClaims: number;
  signal: AbortSignal;
  /** Writes a file beside the report. */
  save: (name: string, text: string) => Promise<void>;
  /** A line of progress. */
  say: (text: string) => void;
}

export interface Part {
  name: string;
  title: string;
  /** How it is measured, for the report: paragraphs of Markdown. */
  about: string;
  columns: (maxClaims: number) => string[];
  /** It is measured on one cluster after the other, each with these limits. */
  clusters: readonly ApiLimits[];
  /** Yields the rows of the table as they are known. */
  measure: (bench: Bench) => AsyncGenerator<string[]>;
}

/** Numbers of claims to measure with: none above the limit, each once. */
export function sizesUpTo(maxClaims: number, sizes: readonly number[]): number[] {
  return [...new Set(sizes.map((size) => Math.min(size, maxClaims)))];
}

/** What is measured in a run, each time in another order, so that none always has the quieter or the warmer machine. */
export function rotated<T>(ways: readonly T[], run: number): T[] {
  const first = run % ways.length;
  return [...ways.slice(first), ...ways.slice(0, first)];
}
