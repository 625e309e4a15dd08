/** Text that others wrote, made safe to print, and how much room it takes on a terminal. */

/**
 * The text with every character visible that a terminal would obey or hide: control characters, marks that reverse the
 * reading direction, and characters without any width. ESC and CR read as kubectl prints them (`^[`, `\r`).
 * The result is one line.
 */
export function shown(text: string): string {
  return printableAscii.test(text) ? text : text.replace(misleading(), visible);
}

/** The same for a text of several lines, which stay lines. */
export function shownLines(text: string): string {
  return text.split('\n').map(shown).join('\n');
}

/** The same for a text whose tabs are layout, too. */
export function shownText(text: string): string {
  return text.split('\t').map(shownLines).join('\t');
}

/** Columns that the text takes on a terminal: East Asian characters and emoji take two, combining marks none. */
export function displayWidth(text: string): number {
  if (printableAscii.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** The text cut to a width in columns; a cut text ends with `...`. */
export function clip(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  return start(text, Math.max(0, width - dots.length)) + dots.slice(0, Math.max(0, width));
}

/** The text cut to a width in columns in its middle, so that what tells similar names apart stays. */
export function shorten(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  const room = width - dots.length;
  if (room < 2) return clip(text, width);
  return start(text, Math.ceil(room / 2)) + dots + end(text, Math.floor(room / 2));
}

const dots = '...';
const printableAscii = /^[ -~]*$/;

// Sets of Unicode's take V8 milliseconds to read: each is made when a text that isn't ASCII comes.
const patterns: { misleading?: RegExp; combining?: RegExp; eastAsianWide?: RegExp } = {};

/** The two variation selectors that choose between the text and the emoji form of a character are left alone. */
function misleading(): RegExp {
  patterns.misleading ??= /[[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]--[\ufe0e\ufe0f]]/gv;
  return patterns.misleading;
}

const named: Record<string, string> = { '\t': '\\t', '\n': '\\n', '\r': '\\r', '\x7f': '^?' };

function visible(character: string): string {
  const name = named[character];
  if (name !== undefined) return name;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return `^${String.fromCharCode(code + 0x40)}`;
  const hex = code.toString(16);
  if (code <= 0xff) return `\\x${hex}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`;
}

const eastAsianWide =
  '[\\p{Emoji_Presentation}\\u1100-\\u115f\\u2329\\u232a\\u2630-\\u2637\\u268a-\\u268f\\u2e80-\\u303e\\u3041-\\ua4cf' +
  '\\ua960-\\ua97c\\uac00-\\ud7a3\\uf900-\\ufaff\\ufe10-\\ufe19\\ufe30-\\ufe6b\\uff01-\\uff60\\uffe0-\\uffe6' +
  '\\u{16fe0}-\\u{18d1e}\\u{1aff0}-\\u{1b2fb}\\u{1d300}-\\u{1d376}\\u{1f200}-\\u{1f265}\\u{20000}-\\u{3fffd}]';

function characterWidth(character: string): number {
  patterns.combining ??= /[\p{Mn}\p{Me}]/v;
  patterns.eastAsianWide ??= new RegExp(eastAsianWide, 'v');
  if (patterns.combining.test(character)) return 0;
  return patterns.eastAsianWide.test(character) ? 2 : 1;
}

function start(text: string, width: number): string {
  let length = 0;
  let used = 0;
  for (const character of text) {
    used += characterWidth(character);
    if (used > width) break;
    length += character.length;
  }
  return text.slice(0, length);
}

function end(text: string, width: number): string {
  const characters = Array.from(text);
  let first = characters.length;
  let used = 0;
  for (let index = characters.length - 1; index >= 0; index--) {
    const own = characterWidth(characters[index] ?? '');
    used += own;
    if (used > width) break;
    // A tail never begins with a combining mark, which would land on the dots.
    if (own > 0) first = index;
  }
  return characters.slice(first).join('');
}
