/** YAML as sigs.k8s.io/yaml writes it, which goes through JSON and go.yaml.in/yaml/v2. */
import { goNumber } from './go-text.ts';
import { YamlWriter } from './yaml-writer.ts';
import { writeText } from './yaml-scalars.ts';

interface Manner {
  /** Escapes what a terminal would obey, where Go's library writes it as it is or gives up. */
  isSafe?: boolean;
}

/** One document, with a line end. What is undefined is left out. @throws Error as Go does: see `throughJson` */
export function yamlText(value: unknown, { isSafe = false }: Manner = {}): string {
  const writer = new YamlWriter(isSafe);
  writeNode(writer, value, { indent: -1, inMapping: false });
  writer.startLine(0);
  return writer.text;
}

/** One item of a list that stands at the top of a document, with a line end. */
export function yamlItem(value: unknown, { isSafe = false }: Manner = {}): string {
  const writer = new YamlWriter(isSafe);
  writeItem(writer, value, 0);
  writer.startLine(0);
  return writer.text;
}

interface Place {
  /** Of the collection that the node is in; -1 at the top. */
  indent: number;
  inMapping: boolean;
}

function writeNode(writer: YamlWriter, value: unknown, place: Place): void {
  const inner = place.indent < 0 ? 0 : place.indent + 2;
  if (Array.isArray(value)) writeList(writer, value, place.inMapping && !writer.indention ? place.indent : inner);
  else if (typeof value === 'object' && value !== null) writeMap(writer, value, inner);
  else if (typeof value === 'string')
    writeText(writer, writer.isSafe ? value : throughJson(value), { indent: Math.max(2, inner), isKey: false });
  else writer.indicator(typeof value === 'number' ? goNumber(value) : String(value), true);
}

function writeList(writer: YamlWriter, items: readonly unknown[], indent: number): void {
  if (items.length === 0) writer.indicator('[]', true);
  for (const item of items) writeItem(writer, item ?? null, indent);
}

function writeItem(writer: YamlWriter, item: unknown, indent: number): void {
  writer.startLine(indent);
  writer.indicator('-', true, { keepsIndention: true });
  writeNode(writer, item, { indent, inMapping: false });
}

function writeMap(writer: YamlWriter, map: object, indent: number): void {
  const entries = Object.entries(map)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]): [string, unknown] => [writer.isSafe ? key : keyThroughJson(key), value])
    .sort(([a], [b]) => compareKeys(a, b));
  if (entries.length === 0) writer.indicator('{}', true);
  for (const [key, value] of entries) {
    writer.startLine(indent);
    writeKey(writer, key, indent);
    writeNode(writer, value, { indent, inMapping: true });
  }
}

/** A key that is long or of several lines stands on a line of its own. */
function writeKey(writer: YamlWriter, key: string, indent: number): void {
  const isSimple = Buffer.byteLength(key) <= 128 && !/[\r\n\x85\u2028\u2029]/.test(key);
  if (isSimple) {
    writeText(writer, key, { indent: indent + 2, isKey: true });
    writer.indicator(':', false);
    return;
  }
  writer.indicator('?', true, { keepsIndention: true });
  writeText(writer, key, { indent: indent + 2, isKey: false });
  writer.startLine(indent);
  writer.indicator(':', true, { keepsIndention: true });
}

/**
 * What becomes of a text on its way through JSON, which the library reads as YAML: control characters that Go's JSON
 * leaves alone are refused there, and NEL is folded as a line end inside quotes is.
 */
function throughJson(text: string): string {
  if (notYaml.test(text)) throw new Error('yaml: control characters are not allowed');
  return text.replace(/ *\x85[ \x85]*/g, (gap) => '\n'.repeat(gap.split('\x85').length - 2) || ' ');
}

/** A key of several lines can't be read. */
function keyThroughJson(key: string): string {
  if (key.includes('\x85')) throw new Error("yaml: line 1: did not find expected ',' or '}'");
  return throughJson(key);
}

const notYaml = /[\x7f-\x84\x86-\x9f\ufffe\uffff]/;

/** Numbers in keys count as numbers: a2 before a10. Letters come after all else. */
function compareKeys(a: string, b: string): number {
  const [left, right] = [Array.from(a), Array.from(b)];
  const at = left.findIndex((character, index) => character !== right[index]);
  const [one, other] = [left[at], right[at]];
  if (one === undefined || other === undefined) return left.length - right.length;
  const [isLetter, isOtherLetter] = [/\p{L}/u.test(one), /\p{L}/u.test(other)];
  if (isLetter !== isOtherLetter) return isLetter ? 1 : -1;
  const byNumber = isLetter ? 0 : compareNumbers(left, right, at);
  return byNumber === 0 ? (one.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0) : byNumber;
}

/** The numbers that begin where the keys part; behind digits that are no leading zeros, a 0 counts as a digit in a number. */
function compareNumbers(left: readonly string[], right: readonly string[], at: number): number {
  const isBehindNumber = (left[at] === '0' || right[at] === '0') && /[1-9]\d*$/.test(left.slice(0, at).join(''));
  const prefix = isBehindNumber ? '1' : '';
  const [digits, otherDigits] = [left, right].map((key) => /^\d*/.exec(key.slice(at).join(''))?.[0] ?? '');
  const [value, otherValue] = [digits, otherDigits].map((text) =>
    BigInt.asIntN(64, BigInt(prefix + (text ?? '') || '0')),
  );
  if (value !== otherValue) return (value ?? 0n) < (otherValue ?? 0n) ? -1 : 1;
  return (digits?.length ?? 0) - (otherDigits?.length ?? 0);
}
