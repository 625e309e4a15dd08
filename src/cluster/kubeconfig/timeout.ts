/** --request-timeout, as kubectl reads and sends it. */
import { ClusterError } from '../../errors.ts';

/**
 * Whole seconds, or a Go duration.
 * @returns milliseconds; 0 for no limit, which a negative one is too
 * @throws ClusterError with kubectl's words
 */
export function parseRequestTimeout(text: string): number {
  const timeoutMs = /^\+?\d+$/.test(text) ? Number(text) * 1000 : goDurationMs(text);
  if (timeoutMs === undefined) {
    throw new ClusterError(
      'error: Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)',
      0,
      '',
    );
  }
  return Math.max(0, timeoutMs);
}

const unitMs: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

function goDurationMs(text: string): number | undefined {
  const [, sign, amounts = ''] = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.exec(text) ?? [];
  if (amounts === '') return undefined;
  const parts = amounts.matchAll(/([\d.]+)([^\d.]+)/g);
  const totalMs = [...parts].reduce((sum, [, amount, unit]) => sum + Number(amount) * (unitMs[unit ?? ''] ?? 0), 0);
  return sign === '-' ? -totalMs : totalMs;
}

/** As Go prints a duration: `1m30s`, `1.5s`, `250ms`. */
export function goDuration(timeoutMs: number): string {
  if (timeoutMs < 1) return `${round(timeoutMs * 1000)}µs`;
  if (timeoutMs < 1000) return `${round(timeoutMs)}ms`;
  const hours = Math.floor(timeoutMs / 3_600_000);
  const minutes = Math.floor(timeoutMs / 60_000) % 60;
  const seconds = `${round((timeoutMs % 60_000) / 1000)}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}

function round(amount: number): number {
  return Number(amount.toFixed(9));
}
