/** Evaluates kubectl's dialect of JSONPath: k8s.io/client-go/util/jsonpath/jsonpath.go. */
import { compareBytes, GoFloat, goText, isWhole, sortedEntries } from './go-text.ts';
import type { Node } from './jsonpath-parse.ts';
import { parseTemplate } from './jsonpath-parse.ts';

/**
 * A template that is evaluated over decoded JSON. Go's library changes its parsed template while it walks a range, so
 * that a second object sees what the first left of it; so does this, to print the same in a watch.
 */
export class JsonPath {
  private nodes: Node[];
  private readonly allowMissingKeys: boolean;
  private beginRange = 0;
  private inRange = 0;
  private endRange = 0;
  private lastEnd: Node | undefined;

  /** @throws Error in the words of the library */
  constructor(template: string, allowMissingKeys: boolean) {
    this.nodes = parseTemplate(template);
    this.allowMissingKeys = allowMissingKeys;
  }

  /**
   * The values that each part of the template finds.
   * @throws Error in the words of the library
   */
  find(data: unknown): unknown[][] {
    const nodes = this.nodes;
    const found: unknown[][] = [];
    for (let index = 0; index < nodes.length; index++) {
      const node = nodes[index];
      if (node === undefined) break;
      const results = this.walk([data], node);
      if (this.endRange > 0 && this.endRange <= this.inRange) {
        this.endRange--;
        this.lastEnd = node;
        break;
      }
      if (this.beginRange === 0) {
        found.push(results);
        continue;
      }
      this.beginRange--;
      this.inRange++;
      // Without results, too, the nodes up to the end must be passed over.
      for (const value of results.length > 0 ? results : [nothing]) {
        this.nodes = nodes.slice(index + 1);
        const inner = this.find(value);
        if (results.length > 0) found.push(...inner);
      }
      this.inRange--;
      const end = this.lastEnd === undefined ? -1 : nodes.indexOf(this.lastEnd, index + 1);
      if (end >= 0) index = end;
    }
    return found;
  }

  private walk(values: unknown[], node: Node): unknown[] {
    switch (node.type) {
      case 'list':
        return this.walkAll(values, node.nodes);
      case 'literal':
        return typeof node.value === 'string' ? [node.value] : values.map(() => node.value);
      case 'field':
        return this.fields(values, node.name);
      case 'identifier':
        return this.identifier(values, node.name);
      case 'slice':
        return values.filter((value) => value !== null).flatMap((value) => slice(value, node));
      case 'filter':
        return values.flatMap((value) => this.filter(value, node));
      case 'union':
        return node.lists.flatMap((list) => this.walkAll(values, list));
      case 'wildcard':
        return values.flatMap(children);
      case 'recursive':
        return descend(values);
    }
  }

  private walkAll(values: unknown[], nodes: readonly Node[]): unknown[] {
    return nodes.reduce((current, node) => this.walk(current, node), values);
  }

  private identifier(values: unknown[], name: string): unknown[] {
    if (name === 'range') {
      this.beginRange++;
      return values;
    }
    if (name !== 'end') throw new Error(`unrecognized identifier ${name}`);
    if (this.inRange === 0) throw new Error('not in range, nothing to end');
    this.endRange++;
    return [];
  }

  private fields(values: unknown[], name: string): unknown[] {
    const found = values.filter((value) => isMap(value) && Object.hasOwn(value, name));
    if (found.length === 0 && values.length > 0 && !this.allowMissingKeys) throw new MissingKey(`${name} is not found`);
    return found.map((value) => (value as Record<string, unknown>)[name]);
  }

  private filter(value: unknown, { left, operator, right }: Node & { type: 'filter' }): unknown[] {
    if (!Array.isArray(value)) {
      const text = value === nothing ? '<invalid reflect.Value>' : goText(value);
      throw new Error(`${text} is not array or slice and cannot be filtered`);
    }
    return value.filter((item: unknown) => {
      if (operator === 'exists') return this.exists(item, left);
      const lefts = single(this.walkAll([item], left));
      if (lefts.length === 0) return false;
      const rights = single(this.walkAll([item], right));
      return rights.length > 0 && compare(lefts[0], operator, rights[0]);
    });
  }

  /** A part that fails counts as found, but for a key that is missing. */
  private exists(item: unknown, nodes: readonly Node[]): boolean {
    try {
      return this.walkAll([item], nodes).length > 0;
    } catch (error) {
      return !(error instanceof MissingKey);
    }
  }
}

class MissingKey extends Error {}

/** What a range without results is walked over with: no value at all. */
const nothing = Symbol('no value');

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof GoFloat);
}

/** Values of a map in the order of its keys, which Go leaves to chance; of a text, its bytes. */
function children(value: unknown): unknown[] {
  if (Array.isArray(value)) return value as unknown[];
  if (typeof value === 'string') return [...Buffer.from(value)];
  return isMap(value) ? sortedEntries(value).map(([, child]) => child) : [];
}

/** Everything that holds something, from the outside to the inside. */
function descend(values: unknown[]): unknown[] {
  return values.flatMap((value) => {
    const inner = children(value);
    return inner.length === 0 ? [] : [value, ...descend(inner)];
  });
}

function slice(value: unknown, { start, end, step, isIndex }: Node & { type: 'slice' }): unknown[] {
  if (!Array.isArray(value)) throw new Error(`${goType(value)} is not array or slice`);
  const length = value.length;
  const from = start === undefined ? 0 : start < 0 ? start + length : start;
  const upTo = end === undefined ? length : end < 0 || (end === 0 && isIndex) ? end + length : end;
  if (from === upTo) return [];
  if (from >= length || from < 0) throw new Error(`array index out of bounds: index ${from}, length ${length}`);
  if (upTo > length || upTo < 0) throw new Error(`array index out of bounds: index ${upTo - 1}, length ${length}`);
  if (from > upTo) throw new Error(`starting index ${from} is greater than ending index ${upTo}`);
  if (step !== undefined && step <= 0) throw new Error('step must be > 0');
  return value.slice(from, upTo).filter((_, index) => index % (step ?? 1) === 0);
}

function goType(value: unknown): string {
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  return isMap(value) ? 'map[string]interface {}' : isWhole(value) ? 'int64' : 'float64';
}

function single(values: unknown[]): unknown[] {
  if (values.length > 1) throw new Error('can only compare one element at a time');
  return values;
}

function compare(left: unknown, operator: string, right: unknown): boolean {
  if (!['<', '>', '==', '!=', '<=', '>='].includes(operator)) {
    throw new Error(`unrecognized filter operator ${operator}`);
  }
  const [kind, otherKind] = [kindOf(left), kindOf(right)];
  if (kind !== otherKind) throw new Error('incompatible types for comparison');
  const isEquality = operator === '==' || operator === '!=';
  if (kind === 'bool' && !isEquality) throw new Error('invalid type for comparison');
  const order = orderOf(left, right);
  if (isEquality) return (operator === '==') === (order === 0);
  return order === 0 ? operator.endsWith('=') : operator.startsWith(order < 0 ? '<' : '>');
}

function orderOf(left: unknown, right: unknown): number {
  if (typeof left === 'string' && typeof right === 'string') return compareBytes(left, right);
  const [a, b] = [basic(left), basic(right)];
  return a < b ? -1 : a > b ? 1 : 0;
}

function basic(value: unknown): boolean | number | bigint {
  return value instanceof GoFloat ? value.value : (value as boolean | number | bigint);
}

function kindOf(value: unknown): string {
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  if (isWhole(value)) return 'int';
  if (typeof value === 'number' || value instanceof GoFloat) return 'float';
  throw new Error('invalid type for comparison');
}
