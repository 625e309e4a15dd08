/** Durations as people read them. */

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/**
 * An age as kubectl prints it, with two or three significant figures: `75s`, `3m20s`, `26h`, `2y40d`.
 * The rules are those of HumanDuration (k8s.io/apimachinery/pkg/util/duration): up to two seconds in the future,
 * which clocks that differ a little produce, count as now; more than that is `<invalid>`.
 * An age that isn't a number, as of a time that is not set, is `<unknown>`.
 */
export function age(durationMs: number): string {
  if (Number.isNaN(durationMs)) return '<unknown>';
  const seconds = Math.trunc(durationMs / secondMs);
  if (seconds < -1) return '<invalid>';
  if (seconds < 120) return `${Math.max(0, seconds)}s`;
  const minutes = Math.trunc(durationMs / minuteMs);
  if (minutes < 10) return two(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  return ageInHours(Math.trunc(durationMs / hourMs), minutes % 60);
}

function ageInHours(hours: number, minutes: number): string {
  if (hours < 8) return two(hours, 'h', minutes, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / 24);
  if (days < 8) return two(days, 'd', hours % 24, 'h');
  if (days < 2 * 365) return `${days}d`;
  const years = Math.trunc(days / 365);
  return years < 8 ? two(years, 'y', days % 365, 'd') : `${years}y`;
}

function two(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`;
}

/** How long something took, for a sentence: `41 ms`, `1.4 s`, `2m 5s`, `1h 3m`. */
export function seconds(durationMs: number): string {
  const ms = Math.max(0, Math.round(durationMs));
  if (ms < secondMs) return `${ms} ms`;
  const tenths = Math.round(ms / 100);
  return tenths < 600 ? `${tenths / 10} s` : elapsed(Math.round(ms / secondMs) * secondMs);
}

/** The same for the cell of a table: `41ms`, `1.2s`, `2m5s`. */
export function compact(durationMs: number): string {
  return seconds(durationMs).replace(' ', '');
}

/** Time that is still running, in whole seconds so that it ticks evenly: `0 s`, `2 s`, `2m 5s`, `1h 3m`. */
export function elapsed(durationMs: number): string {
  const total = Math.max(0, Math.floor(durationMs / secondMs));
  if (total < 60) return `${total} s`;
  const minutes = Math.floor(total / 60);
  return minutes < 60 ? `${minutes}m ${total % 60}s` : `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}
