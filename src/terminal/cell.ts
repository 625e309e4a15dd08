import { shown } from './text.ts';

/**
 * A value of a Table's cell as kubectl prints it (k8s.io/cli-runtime/pkg/printers/tableprinter.go): nothing for null,
 * a string up to its first line break and then `...`, anything else as Go's fmt.Sprint writes it.
 * Where kubectl makes only ESC and CR visible, every control character is.
 */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return shown(goText(value));
  const firstLineEnd = value.search(/[\f\n\r]/);
  return firstLineEnd < 0 ? shown(value) : `${shown(value.slice(0, firstLineEnd))}...`;
}

function goText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return goNumber(value);
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (typeof value === 'object' && value !== null) return goMap(value);
  return value === true || value === false ? String(value) : '<nil>';
}

/** What kubectl decodes as a float, Go writes with an exponent from a million on and below 0.0001. */
function goNumber(value: number): string {
  const size = Math.abs(value);
  const isInt64 = Number.isInteger(value) && size < 2 ** 63;
  const plain = isInt64 || (size >= 1e-4 && size < 1e6);
  return plain ? String(value) : value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

function goMap(value: object): string {
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([key, entry]) => `${key}:${goText(entry)}`).join(' ')}]`;
}
