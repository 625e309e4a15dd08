/** Colours: only on a terminal, and only when the user wants them. */
import { styleText } from 'node:util';

export type Style = 'good' | 'bad' | 'strong' | 'faint' | 'chosen';

/** How something goes: `busy` is under way and has no style of its own. */
export type Tone = 'good' | 'bad' | 'busy';

const formats = { good: 'green', bad: 'red', strong: 'bold', faint: 'dim', chosen: 'cyan' } as const;

let wanted: boolean | 'auto' = 'auto';

/**
 * Says whether to colour at all: `auto` (as it is at the start) colours what goes to a terminal, unless the environment
 * says otherwise (NO_COLOR, FORCE_COLOR, TERM=dumb).
 */
export function setColours(enabled: boolean | 'auto'): void {
  wanted = enabled;
}

/** The text in a style for one stream. Pad and clip first: the result contains escape sequences. */
export function styled(style: Style, text: string, stream: NodeJS.WritableStream): string {
  if (wanted === false) return text;
  return styleText(formats[style], text, { stream, validateStream: wanted === 'auto' });
}
