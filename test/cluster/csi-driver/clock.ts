// The wall clock in nanoseconds, which Node doesn't have: skew is measured on creation times.
import type { Timestamp } from './messages.ts';

const nsPerMs = 1_000_000n;
const nsPerSecond = 1_000_000_000n;
// Wider than the rounding of Date.now(), narrower than any step of the wall clock that matters.
const toleratedDriftNs = 5n * nsPerMs;

let offsetNs = offsetAtTickNs();

/** Nanoseconds since 1970. Follows the wall clock when that is set, as Date.now() does. */
export function nowNs(): bigint {
  const driftNs = roughOffsetNs() - offsetNs;
  if (driftNs > toleratedDriftNs || driftNs < -toleratedDriftNs) offsetNs = offsetAtTickNs();
  return process.hrtime.bigint() + offsetNs;
}

export function timestampOf(ns: bigint): Timestamp {
  return { seconds: String(ns / nsPerSecond), nanos: Number(ns % nsPerSecond) };
}

// Only as its millisecond begins is Date.now() exact: the wait for that is at most 1 ms, once per process.
function offsetAtTickNs(): bigint {
  const startMs = Date.now();
  while (Date.now() === startMs);
  return roughOffsetNs();
}

function roughOffsetNs(): bigint {
  return BigInt(Date.now()) * nsPerMs - process.hrtime.bigint();
}
