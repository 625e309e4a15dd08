/** The streams of the process: the result goes to stdout, all else to stderr. */
import { styled } from './style.ts';

export interface Output {
  /** Somebody can be asked, and sees what is redrawn: stdin and stderr are both terminals. */
  readonly interactive: boolean;
  /** stdout is a terminal, which would obey what others wrote: see `shown`. */
  readonly toTerminal: boolean;
  /** Colours what is to stand out on stdout, where that is a terminal and colours are wanted. */
  readonly alarming: (text: string) => string;
  /** Columns of the terminal that stderr is; Infinity where it is none. */
  readonly width: number;
  /**
   * Writes to stdout, and ends the text with a line end if it has none. Resolves when the text has left the process, so
   * that awaiting it holds back a fast writer. A reader that went away (`| head`) is no error: the text is dropped.
   */
  print(text: string): Promise<void>;
  /** As print, but the text stays as it is. */
  write(text: string): Promise<void>;
  /** Writes a line to stderr, as it is: see `shown` for what comes from the cluster. */
  note(text: string): void;
}

type Streams = Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr'>;

/**
 * The output of this process. Call it once: it takes over the error events of stdout and stderr. A stream is opened when
 * it is first needed, which for one that isn't takes longer than to parse the command line.
 */
export function openOutput(streams: Streams = process): Output {
  const { stdout } = streams;
  // Without a listener the stream's error would end the process; the callback of the write is where it is judged.
  stdout.on('error', ignore);
  let opened: NodeJS.WriteStream | undefined;
  const stderr = (): NodeJS.WriteStream => (opened ??= streams.stderr.on('error', ignore));
  return {
    get interactive() {
      return isTerminal(streams.stdin) && isTerminal(stderr());
    },
    toTerminal: isTerminal(stdout),
    alarming: (text) => (isTerminal(stdout) ? styled('bad', text, stdout) : text),
    get width() {
      // A terminal that doesn't know its size says 0.
      return isTerminal(stderr()) && stderr().columns > 0 ? stderr().columns : Infinity;
    },
    print: (text) => (text === '' ? Promise.resolve() : written(stdout, lineOf(text))),
    write: (text) => (text === '' ? Promise.resolve() : written(stdout, text)),
    note: (text) => {
      stderr().write(lineOf(text));
    },
  };
}

function ignore(): void {
  // Nobody is left to tell.
}

// Node says undefined where its types promise a boolean.
function isTerminal(stream: { isTTY?: boolean }): boolean {
  return stream.isTTY === true;
}

function lineOf(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}

function written(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      if (error && !readerIsGone(error)) reject(error);
      else resolve();
    });
  });
}

function readerIsGone(error: NodeJS.ErrnoException): boolean {
  // EIO: the terminal was closed.
  return ['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED'].includes(error.code ?? '');
}
