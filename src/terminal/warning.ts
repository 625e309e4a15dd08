/** What the API server warns of, as kubectl shows it (client-go rest.NewWarningWriter). */
import { styled } from './style.ts';
import { shown } from './text.ts';

/** The first word is yellow and bold where the stream takes colours. */
export function warningLine(message: string, stream: NodeJS.WritableStream): string {
  const isColoured = styled('strong', 'x', stream) !== 'x';
  const word = isColoured ? '\u001b[33;1mWarning:\u001b[0m' : 'Warning:';
  return `${word} ${shown(message)}`;
}
