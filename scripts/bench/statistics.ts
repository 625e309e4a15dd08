/** Several measurements of one thing, in words. */

/** `41 ms (38 ms to 52 ms)`: the median, and the least and greatest where there are several. */
export function spreadMs(valuesMs: readonly number[]): string {
  return withRange(valuesMs, durationText);
}

/**
 * How many times the base each value is: the median of the runs' own ratios, since the runs of a machine differ more
 * than what is compared.
 * @param bases from the same runs, in the same order
 */
export function timesBase(values: readonly number[], bases: readonly number[]): string {
  const ratios = values.map((value, run) => value / (bases[run] ?? NaN));
  return withRange(ratios, (ratio) => `${significant(ratio)}x`);
}

/** `116 MB`: the median, and the least and greatest where there are several. */
export function megabytesText(valuesBytes: readonly number[]): string {
  return withRange(valuesBytes, (bytes) => `${(bytes / 1e6).toFixed(0)} MB`);
}

/** `9.4 ms`, `41 ms`, `1.42 s` */
export function durationText(ms: number): string {
  return ms < 1000 ? `${significant(ms)} ms` : `${significant(ms / 1000)} s`;
}

function withRange(values: readonly number[], text: (value: number) => string): string {
  if (values.length < 2) return text(median(values));
  return `${text(median(values))} (${text(Math.min(...values))} to ${text(Math.max(...values))})`;
}

/** The one in the middle; between two of them, their mean. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

/** Three digits that count, never more decimals than two. */
function significant(value: number): string {
  // What rounds up to 10 is written as 10.0.
  const decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return value.toFixed(decimals);
}
