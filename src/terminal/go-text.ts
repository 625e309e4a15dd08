/** Values of JSON as Go's fmt package writes them, and Go's order of keys: what kubectl's output is made of. */

/** fmt.Sprint of a decoded value: `map[a:1 b:[x y]]`, `<nil>`. */
export function goText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return goNumber(value);
  if (value instanceof GoFloat) return goFloat(value.value);
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (isMap(value)) {
    return `map[${sortedEntries(value)
      .map(([key, entry]) => `${key}:${goText(entry)}`)
      .join(' ')}]`;
  }
  return typeof value === 'boolean' || typeof value === 'bigint' ? String(value) : '<nil>';
}

/** fmt's %#v of a decoded value: `map[string]interface {}{"a":1}`. */
export function goSyntax(value: unknown): string {
  if (typeof value === 'string') return goQuoted(value);
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (isMap(value)) {
    const entries = sortedEntries(value).map(([key, entry]) => `${goQuoted(key)}:${goSyntax(entry)}`);
    return `map[string]interface {}{${entries.join(', ')}}`;
  }
  return value === null || value === undefined ? 'interface {}(nil)' : goText(value);
}

/** fmt's %q: strconv.Quote. */
export function goQuoted(text: string): string {
  return `"${text.replace(/[\\"]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, goEscape)}"`;
}

/** A literal such as 1.0, which JSON's numbers can't tell from 1. */
export class GoFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** What was decoded from JSON as a whole number is an int64 to Go. */
export function isWhole(value: unknown): value is number | bigint {
  return typeof value === 'bigint' || Number.isSafeInteger(value);
}

export function goNumber(value: number): string {
  return isWhole(value) ? String(value) : goFloat(value);
}

/** strconv's 'g' in its shortest form: with an exponent from a million on and below 0.0001. */
function goFloat(value: number): string {
  const size = Math.abs(value);
  const isPlain = size === 0 || (size >= 1e-4 && size < 1e6);
  return isPlain ? String(value) : value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

const escapes: Record<string, string> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

function goEscape(character: string): string {
  const known = escapes[character];
  if (known !== undefined) return known;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x20 || code === 0x7f) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !(value instanceof GoFloat);
}

/** The entries of a map in Go's order. API servers send them so already. */
export function sortedEntries(map: object): [string, unknown][] {
  const entries = Object.entries(map);
  for (let index = 1; index < entries.length; index++) {
    if (compareBytes(entries[index - 1]?.[0] ?? '', entries[index]?.[0] ?? '') > 0) {
      return entries.sort(([a], [b]) => compareBytes(a, b));
    }
  }
  return entries;
}

/** Go compares UTF-8 bytes: by code points, where JavaScript compares UTF-16. */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const [left, right] = [a.charCodeAt(index), b.charCodeAt(index)];
    if (left !== right) return astralLast(left) - astralLast(right);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all that one unit holds. */
function astralLast(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
