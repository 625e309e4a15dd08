/** Texts in YAML: plain where that reads as the same text, else quoted or as a block, folded behind column 80. */
import { obeyed } from './json.ts';
import { resolvesToText } from './yaml-resolve.ts';
import type { YamlWriter } from './yaml-writer.ts';

interface ScalarPlace {
  /** Of lines after the first. */
  indent: number;
  /** Keys are never folded. */
  isKey: boolean;
}

const foldBehindColumn = 80;

export function writeText(writer: YamlWriter, text: string, place: ScalarPlace): void {
  const style = styleOf(text, place.isKey, writer.isSafe);
  if (style === 'literal') writeLiteral(writer, text, place.indent);
  else if (style === 'double') writeDoubleQuoted(writer, text, place);
  else if (style === 'plain' && (place.isKey || fits(writer, text))) writer.indicator(text, true);
  else writeRaw(writer, text, place, style === 'single' ? "'" : '');
}

/** Whether it needs no folding: most texts. */
function fits(writer: YamlWriter, text: string): boolean {
  return !text.includes(' ') || writer.column + text.length < foldBehindColumn;
}

type Style = 'plain' | 'single' | 'double' | 'literal';

// go.yaml.in/yaml/v2 counts what is beyond 16 bits as unprintable.
const unprintable = /[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;
const breaks = '\\r\\n\\x85\\u2028\\u2029';
const lineBreak = new RegExp(`[${breaks}]`);
const needsEscape = new RegExp(`["\\\\${breaks}]|${unprintable.source}`, 'u');
const needsSafeEscape = new RegExp(`${needsEscape.source}|${obeyed.source}`, 'u');
const linesAndBreaks = new RegExp(`[^${breaks}]+|[${breaks}]`, 'g');
const breakThenSpace = new RegExp(`[${breaks}] `);
const spaceThenBreak = new RegExp(` [${breaks}]`);
const indicators = new RegExp(
  `^(?:---|\\.\\.\\.)|^[#,[\\]{}&*!|>'"%@\`]|^[?:-](?=[ \\t]|$)|:(?=[ \\t]|$)|[ \\t\\0${breaks}]#`,
);

function styleOf(text: string, isKey: boolean, isSafe: boolean): Style {
  if (text === '') return 'double';
  const isOneLine = !lineBreak.test(text);
  const needsEscapes = unprintable.test(text) || spaceThenBreak.test(text) || (isSafe && text.search(obeyed) >= 0);
  if (text.includes('\n')) return isKey || needsEscapes || text.endsWith(' ') ? 'double' : 'literal';
  if (!resolvesToText(text) || (isKey && !isOneLine)) return 'double';
  if (needsEscapes || breakThenSpace.test(text)) return 'double';
  return isOneLine && !/^ | $/.test(text) && !indicators.test(text) ? 'plain' : 'single';
}

/** Plain, or in single quotes. */
function writeRaw(writer: YamlWriter, text: string, { indent, isKey }: ScalarPlace, quote: "'" | ''): void {
  writer.indicator(quote, true);
  const characters = Array.from(text);
  const last = characters.length - 1;
  let [isAfterSpace, isAfterBreak] = [false, false];
  for (const [index, character] of characters.entries()) {
    if (character === ' ') {
      const isInside = index > 0 && index < last && characters[index + 1] !== ' ';
      if (!isKey && !isAfterSpace && writer.column > foldBehindColumn && isInside) writer.startLine(indent);
      else writer.put(' ');
      isAfterSpace = true;
    } else if (lineBreak.test(character)) {
      writeBreak(writer, character);
      isAfterBreak = true;
    } else {
      if (isAfterBreak) writer.startLine(indent);
      writer.put(quote !== '' && character === "'" ? "''" : character, character === "'" && quote !== '' ? 2 : 1);
      writer.indention = isAfterSpace = isAfterBreak = false;
    }
  }
  writer.indicator(quote, false);
}

function writeBreak(writer: YamlWriter, character: string): void {
  if (character === '\n') writer.breakLine();
  else {
    writer.put(character);
    writer.column = 0;
  }
  writer.indention = true;
}

function writeLiteral(writer: YamlWriter, text: string, indent: number): void {
  const startHint = text.startsWith(' ') || lineBreak.test(text[0] ?? '') ? '2' : '';
  writer.indicator(`|${startHint}${chompHint(text)}`, true);
  writer.breakLine();
  writer.indention = writer.spaced = true;
  let isAtStart = true;
  for (const [part] of text.matchAll(linesAndBreaks)) {
    if (lineBreak.test(part)) {
      writeBreak(writer, part);
      isAtStart = true;
      continue;
    }
    if (isAtStart) writer.startLine(indent);
    writer.put(part);
    writer.indention = isAtStart = false;
  }
}

/** What becomes of the line ends at the end: none, one, or more. */
function chompHint(text: string): string {
  if (!lineBreak.test(text.at(-1) ?? '')) return '-';
  return text.length === 1 || lineBreak.test(text.at(-2) ?? '') ? '+' : '';
}

function writeDoubleQuoted(writer: YamlWriter, text: string, { indent, isKey }: ScalarPlace): void {
  writer.indicator('"', true);
  const characters = Array.from(text);
  const last = characters.length - 1;
  // A byte order mark at the start makes the library escape all that follows.
  const mustEscape = text.startsWith('\ufeff') ? /./su : writer.isSafe ? needsSafeEscape : needsEscape;
  let isAfterSpace = false;
  for (const [index, character] of characters.entries()) {
    const isSpace = character === ' ' && !mustEscape.test(' ');
    if (isSpace && !isKey && !isAfterSpace && writer.column > foldBehindColumn && index > 0 && index < last) {
      writer.startLine(indent);
      if (characters[index + 1] === ' ') writer.put('\\');
    } else if (mustEscape.test(character)) writer.put(escaped(character));
    else writer.put(character, 1);
    isAfterSpace = isSpace;
  }
  writer.indicator('"', false);
}

const escapes: Record<string, string> = {
  '\0': '0',
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1b': 'e',
  '"': '"',
  '\\': '\\',
  '\x85': 'N',
  '\xa0': '_',
  '\u2028': 'L',
  '\u2029': 'P',
};

function escaped(character: string): string {
  const short = escapes[character];
  if (short !== undefined) return `\\${short}`;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
