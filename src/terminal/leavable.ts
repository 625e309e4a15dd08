import { emitKeypressEvents } from 'node:readline';
import type { Interface, Key } from 'node:readline';
import { CancelledError } from '../errors.ts';

export interface PromptStreams {
  input: NodeJS.ReadableStream;
  output: NodeJS.WritableStream;
}

interface PromptContext extends PromptStreams {
  signal: AbortSignal;
  readonly clearPromptOnDone: boolean;
}

/**
 * Asks a question of inquirer's that can be left with Esc or Ctrl-D, or by the end of the input, and is wiped off the
 * screen then.
 * @returns undefined when it was left
 * @throws CancelledError on Ctrl-C
 */
export async function leavable<Answer>(
  streams: PromptStreams,
  ask: (context: PromptContext) => Promise<Answer>,
): Promise<Answer | undefined> {
  const left = new AbortController();
  const leave = (): void => {
    left.abort();
  };
  let wipe = false;
  const onKey = (_text: string | undefined, key: Key): void => {
    wipe = key.name === 'escape' || (key.ctrl === true && (key.name === 'c' || key.name === 'd'));
    if (wipe && key.name !== 'c') leave();
  };
  soonSeeEscape(streams.input);
  streams.input.on('keypress', onKey).once('end', leave);
  try {
    return await ask({
      ...streams,
      signal: left.signal,
      // Read when the question is over.
      get clearPromptOnDone() {
        return wipe;
      },
    });
  } catch (error) {
    throwUnlessLeft(error);
    return undefined;
  } finally {
    streams.input.off('keypress', onKey).off('end', leave);
  }
}

/**
 * Arrow keys begin with the byte of Esc, so readline waits for what follows before it calls it Esc: for 500 ms unless
 * the first to decode this input says otherwise. What it takes the time from is an Interface, of which it needs no more.
 */
function soonSeeEscape(input: NodeJS.ReadableStream): void {
  emitKeypressEvents(input, { escapeCodeTimeout: 50 } as unknown as Interface);
}

/** The library tells its errors apart by name alone. */
function throwUnlessLeft(error: unknown): void {
  const name = error instanceof Error ? error.name : '';
  if (name === 'AbortPromptError') return;
  if (name === 'ExitPromptError') throw new CancelledError('cancelled; nothing was changed', { cause: error });
  throw error;
}
