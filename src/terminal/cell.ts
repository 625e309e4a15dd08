import { goText } from './go-text.ts';
import { shown } from './text.ts';

/**
 * A value of a Table's cell as kubectl prints it (k8s.io/cli-runtime/pkg/printers/tableprinter.go): nothing for null,
 * a string up to its first line break and then `...`, anything else as Go's fmt.Sprint writes it.
 * @param safe makes it safe for where it is printed: `asKubectl` or `asShown`
 */
export function cellText(value: unknown, safe: (text: string) => string): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return safe(goText(value));
  const firstLineEnd = value.search(/[\f\n\r]/);
  return firstLineEnd < 0 ? safe(value) : `${safe(value.slice(0, firstLineEnd))}...`;
}

/** kubectl makes only ESC and CR visible: k8s.io/cli-runtime/pkg/printers/terminal.go. */
export function asKubectl(text: string): string {
  return text.replaceAll('\x1b', '^[').replaceAll('\r', '\\r');
}

/** For a terminal, which would obey far more. */
export const asShown = shown;
