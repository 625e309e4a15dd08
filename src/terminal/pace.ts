/** When to draw again what changes often. */

const redrawMs = 100;
const tickMs = 1000;

interface Pace {
  /** Something changed. */
  soon(): void;
  /** Nothing is drawn any more. */
  stop(): void;
}

/**
 * Calls `draw` soon after a change, but not more often than every 100 ms; and every second while `draw` answers that
 * something in it ticks. Its timer doesn't keep the process alive.
 */
export function paced(draw: () => boolean): Pace {
  let timer: NodeJS.Timeout | undefined;
  let dueMs = Infinity;
  let drawnMs = -Infinity;
  const drawAt = (atMs: number): void => {
    if (atMs >= dueMs) return;
    clearTimeout(timer);
    dueMs = atMs;
    timer = setTimeout(drawNow, Math.max(0, atMs - performance.now())).unref();
  };
  const drawNow = (): void => {
    dueMs = Infinity;
    drawnMs = performance.now();
    if (draw()) drawAt(drawnMs + tickMs);
  };
  return {
    soon: () => {
      drawAt(drawnMs + redrawMs);
    },
    stop: () => {
      clearTimeout(timer);
      dueMs = -Infinity;
    },
  };
}
