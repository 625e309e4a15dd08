/** How far the build is, on stderr: one line that is redrawn on a terminal, else a line for each program. */
import type { WriteStream } from 'node:tty';

export interface BuildProgress {
  starting: (name: string) => void;
  waiting: () => void;
  finish: () => void;
}

/**
 * @param title what is built, such as `the test control plane`
 * @param done how many programs an earlier build has left ready
 */
export function reportBuild(
  title: string,
  done: number,
  total: number,
  output: WriteStream = process.stderr,
): BuildProgress {
  const begin = Date.now();
  const seconds = (): string => `${Math.round((Date.now() - begin) / 1000)} s`;
  let line = '';
  const draw = (): void => void output.write(`\r\x1b[K${line}, ${seconds()}`);
  const redraw = output.isTTY ? setInterval(draw, 1000) : undefined;
  const show = (text: string): void => {
    line = text;
    if (output.isTTY) draw();
    else output.write(`${line}, ${seconds()}\n`);
  };
  let number = done;
  return {
    starting: (name) => {
      number += 1;
      show(`Building ${title}, once: ${number} of ${total} programs (${name})`);
    },
    waiting: () => {
      show(`Waiting for another process that builds ${title}`);
    },
    finish: () => {
      clearInterval(redraw);
      if (output.isTTY) output.write('\r\x1b[K');
    },
  };
}
