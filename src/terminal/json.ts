/** JSON as Go's encoder writes it: keys sorted, `<`, `>`, `&` and Unicode's line ends escaped. */
import { GoFloat, sortedEntries } from './go-text.ts';

/** Indented by four, with a line end. What is undefined is left out. */
export function jsonText(value: unknown): string {
  return `${indented(value, '\n')}\n`;
}

/** The same text with escapes for what a terminal would obey: the value stays the same. */
export function safeJson(text: string): string {
  return text.replace(obeyed, unicodeEscape);
}

/** Controls that JSON and YAML leave as they are, and marks that reverse the reading direction. */
export const obeyed = /[\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** On one line, without a line end. */
export function jsonLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(jsonLine).join(',')}]`;
  if (!isMap(value)) return scalar(value);
  const entries = defined(value).map(([key, entry]) => `${quoted(key)}:${jsonLine(entry)}`);
  return `{${entries.join(',')}}`;
}

/** @param lineStart a line end and the indentation where the value begins; nothing is written before its first character */
export function indented(value: unknown, lineStart: string): string {
  const inner = `${lineStart}    `;
  if (Array.isArray(value)) {
    return value.length === 0 ? '[]' : `[${value.map((item) => inner + indented(item, inner)).join(',')}${lineStart}]`;
  }
  if (!isMap(value)) return scalar(value);
  const entries = defined(value).map(([key, entry]) => `${inner}${quoted(key)}: ${indented(entry, inner)}`);
  return entries.length === 0 ? '{}' : `{${entries.join(',')}${lineStart}}`;
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !(value instanceof GoFloat);
}

function defined(map: object): [string, unknown][] {
  return sortedEntries(map).filter(([, entry]) => entry !== undefined);
}

function scalar(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'bigint') return String(value);
  return JSON.stringify(value instanceof GoFloat ? value.value : (value ?? null));
}

function quoted(text: string): string {
  const plain = JSON.stringify(text);
  return unsafeInHtml.test(plain) ? plain.replace(everyUnsafeInHtml, unicodeEscape) : plain;
}

// Go's encoder expects its output to be put into a script element.
const unsafeInHtml = /[<>&\u2028\u2029]/;
const everyUnsafeInHtml = new RegExp(unsafeInHtml, 'g');

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
