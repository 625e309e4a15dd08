/** Reads templates of kubectl's dialect of JSONPath: k8s.io/client-go/util/jsonpath/parser.go. */
import { GoFloat } from './go-text.ts';

/** A part of a template. Lists are what stands in braces, one after the other. */
export type Node =
  | { type: 'list'; nodes: Node[] }
  | { type: 'literal'; value: string | number | boolean | GoFloat }
  | { type: 'field'; name: string }
  /** `range` and `end`; anything else is refused when it is evaluated. */
  | { type: 'identifier'; name: string }
  | { type: 'slice'; start: number | undefined; end: number | undefined; step: number | undefined; isIndex: boolean }
  | { type: 'filter'; left: Node[]; operator: string; right: Node[] }
  | { type: 'union'; lists: Node[][] }
  | { type: 'wildcard' }
  | { type: 'recursive' };

/** @throws Error in the words of the library */
export function parseTemplate(template: string): Node[] {
  const nodes: Node[] = [];
  let at = 0;
  while (at < template.length) {
    const open = template.indexOf('{', at);
    const text = template.slice(at, open < 0 ? undefined : open);
    if (text !== '') nodes.push({ type: 'literal', value: text });
    if (open < 0) break;
    const action = new ActionParser(template, open + 1);
    nodes.push({ type: 'list', nodes: action.parse() });
    at = action.position;
  }
  return nodes;
}

/** What stands between braces. As in the library, a text that closes the brace early is cut there. */
function parseAction(text: string): Node[] {
  return new ActionParser(`${text}}`, 0).parse();
}

const terminators = /[ \t\r\n.,[\]$@{}]/;
const letterOrDigit = /[\p{L}\p{Nd}_]/u;

class ActionParser {
  private readonly input: string;
  position: number;
  private readonly nodes: Node[] = [];

  constructor(input: string, position: number) {
    this.input = input;
    this.position = position;
  }

  /** Leaves the position behind the closing brace. */
  parse(): Node[] {
    while (!this.takes('}')) this.parseNext();
    return this.nodes;
  }

  private takes(prefix: string): boolean {
    if (!this.input.startsWith(prefix, this.position)) return false;
    this.position += prefix.length;
    return true;
  }

  private parseNext(): void {
    if (this.takes('[?(')) this.parseFilter();
    else if (this.takes('..')) this.parseRecursive();
    else this.parseBy(this.peek());
  }

  private parseBy(character: string): void {
    if (character === '' || character === '\r' || character === '\n') throw new Error('unclosed action');
    if (character === ' ' || character === '@' || character === '$') this.position++;
    else if (character === '[') this.parseBrackets();
    else if (character === '"' || character === "'") this.parseQuoted(character);
    else if (this.takes('.')) this.parseField();
    else if (/[+\-\p{Nd}]/u.test(character)) this.parseNumber();
    else if (letterOrDigit.test(character)) this.parseWord();
    else throw new Error(`unrecognized character in action: ${unicodeName(character)}`);
  }

  private peek(): string {
    return String.fromCodePoint(...[this.input.codePointAt(this.position)].filter((code) => code !== undefined));
  }

  /** Up to the next character that ends a name; a backslash takes the one behind it along. */
  private takeName(escapes: boolean): string {
    const start = this.position;
    while (this.position < this.input.length && !terminators.test(this.input[this.position] ?? '')) {
      this.position += escapes && this.input[this.position] === '\\' ? 2 : 1;
    }
    this.position = Math.min(this.position, this.input.length);
    return this.input.slice(start, this.position);
  }

  private parseField(): void {
    const name = this.takeName(true);
    this.nodes.push(name === '*' ? { type: 'wildcard' } : { type: 'field', name: name.replaceAll('\\', '') });
  }

  private parseWord(): void {
    const word = this.takeName(false);
    if (word === 'true' || word === 'false') this.nodes.push({ type: 'literal', value: word === 'true' });
    else this.nodes.push({ type: 'identifier', name: word });
  }

  private parseRecursive(): void {
    if (this.nodes.at(-1)?.type === 'recursive') throw new Error('invalid multiple recursive descent');
    this.nodes.push({ type: 'recursive' });
    if (letterOrDigit.test(this.peek())) this.parseField();
  }

  private parseNumber(): void {
    const [text = ''] = /^[+-]?[.\p{Nd}]*/u.exec(this.input.slice(this.position)) ?? [];
    this.position += text.length;
    if (/^[+-]?\d+$/.test(text)) this.nodes.push({ type: 'literal', value: Number(text) });
    else if (/^[+-]?(\d+\.?\d*|\.\d+)$/.test(text)) {
      this.nodes.push({ type: 'literal', value: new GoFloat(Number(text)) });
    } else throw new Error(`cannot parse number ${text}`);
  }

  private parseQuoted(quote: string): void {
    const start = this.position++;
    for (;;) {
      const character = this.input[this.position++];
      if (character === undefined || character === '\n') throw new Error('unterminated quoted string');
      if (character === quote && this.input[this.position - 2] !== '\\') break;
    }
    const text = this.input.slice(start, this.position);
    this.nodes.push({ type: 'literal', value: unquoted(text) });
  }

  private parseBrackets(): void {
    const start = ++this.position;
    for (;;) {
      const character = this.input[this.position++];
      if (character === undefined || character === '\n') throw new Error('unterminated array');
      if (character === ']') break;
    }
    const text = this.input.slice(start, this.position - 1);
    const parts = text.split(',');
    if (parts.length > 1) {
      this.nodes.push({ type: 'union', lists: parts.map((part) => parseAction(`[${part.replace(/^ +| +$/g, '')}]`)) });
      return;
    }
    const [, key] = /^'([^']*)'$/.exec(text) ?? [];
    if (key === undefined) this.nodes.push(sliceOf(text === '*' ? ':' : text));
    else this.nodes.push(...parseAction(`.${key}`));
  }

  private parseFilter(): void {
    const start = this.position;
    this.skipToEndOfFilter();
    const text = this.input.slice(start, this.position);
    this.position++;
    if (!this.takes(']')) throw new Error('unclosed array expect ]');
    const [, left, operator = '', right = ''] = /^([^!<>=]+)([!<>=]+)(.+?)$/.exec(text) ?? [];
    if (left === undefined) this.nodes.push({ type: 'filter', left: parseAction(text), operator: 'exists', right: [] });
    else this.nodes.push({ type: 'filter', left: parseAction(left), operator, right: parseAction(right) });
  }

  /** To the parenthesis that isn't inside quotes; only one quoted text is expected. */
  private skipToEndOfFilter(): void {
    let quote: string | undefined;
    let isClosed = false;
    for (; ; this.position++) {
      const character = this.input[this.position];
      if (character === undefined || character === '\n') throw new Error('unterminated filter');
      if (character === ')' && (quote !== undefined) === isClosed) return;
      if (character !== '"' && character !== "'") continue;
      if (quote === undefined) quote = character;
      else if (character === quote && this.input[this.position - 1] !== '\\') isClosed = true;
    }
  }
}

function sliceOf(text: string): Node {
  const parts = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/.exec(text);
  if (parts === null) throw new Error(`invalid array index ${text}`);
  const [start, end, step] = parts.slice(1).map((part: string | undefined) => numberOf(part?.replace(':', '') ?? ''));
  const isIndex = parts[2] === undefined;
  return { type: 'slice', start, end: isIndex ? (start ?? 0) + 1 : end, step, isIndex };
}

function numberOf(text: string): number | undefined {
  if (text === '') return undefined;
  if (text === '-') throw new Error('array index - is not a number');
  return Number(text);
}

/** fmt's %#U: `U+002F '/'`. */
function unicodeName(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
  return `U+${hex.padStart(4, '0')} '${character}'`;
}

const escapes: Record<string, string> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};

/** Go's strconv.UnquoteChar over what stands in the quotes. */
function unquoted(text: string): string {
  const quote = text[0] ?? '';
  const refuse = (): never => {
    throw new Error(`unquote string ${text} error invalid syntax`);
  };
  if (text.length < 2) return refuse();
  return text
    .slice(1, -1)
    .replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|[^])|\n|["']/gu, (found, escape?: string) => {
      if (escape === undefined) return found === quote ? refuse() : found;
      if (/^[0-7]{3}$/.test(escape)) return String.fromCharCode(parseInt(escape, 8));
      if (escape.length > 1) return String.fromCodePoint(parseInt(escape.slice(1), 16));
      return escape === quote ? quote : (escapes[escape] ?? refuse());
    });
}
