/** `--sort-by`: k8s.io/kubectl/pkg/cmd/get/sorter.go. */
import { goSort } from './go-sort.ts';
import { compareBytes, goQuoted, isWhole } from './go-text.ts';
import { JsonPath } from './jsonpath.ts';

/** Values that have no order, such as objects and booleans. */
export class UnsortableError extends Error {
  override readonly name = 'UnsortableError';
}

/**
 * Sorts items by what a JSONPath template finds in each. Those without it come first.
 * @param objectOf an item's decoded object
 * @throws Error in kubectl's words
 */
export function sortBy<T>(items: readonly T[], template: string, objectOf: (item: T) => unknown): T[] {
  const parsed = new JsonPath(template, true);
  const keyed = items.map((item) => ({ item, key: parsed.find(objectOf(item))[0]?.[0] }));
  if (keyed.length > 0 && keyed.every(({ key }) => key === undefined)) {
    throw new Error(`couldn't find any field with path ${goQuoted(template)} in the list of objects`);
  }
  goSort(keyed, (a, b) => isLess(a.key, b.key, template));
  return keyed.map(({ item }) => item);
}

/** No order: of two that lack the value, each is less than the other. */
function isLess(a: unknown, b: unknown, template: string): boolean {
  if (a === undefined) return true;
  if (b === undefined) return false;
  if (a === null || b === null) return a === null && b !== null;
  if (typeof a === 'string' && typeof b === 'string') return isTextLess(a, b);
  if (isNumber(a) && isNumber(b) && isWhole(a) === isWhole(b)) return a < b;
  throw new UnsortableError(`Field ${template} is an unsortable type`);
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** Two quantities by their size, any other texts by their bytes. */
function isTextLess(a: string, b: string): boolean {
  const [left, right] = [quantityOf(a), quantityOf(b)];
  if (left === undefined || right === undefined) return compareBytes(a, b) < 0;
  return left < right;
}

const quantity = /^([+-]?)(\d*)(?:\.(\d*))?(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d+))?$/;
const powersOfTen: Record<string, number> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const binarySuffixes = 'KMGTPE';
/** Quantities keep nine decimals, so all of them are whole in this unit. */
const nano = 9;

/** In billionths, rounded away from zero as k8s.io/apimachinery/pkg/api/resource does. */
function quantityOf(text: string): bigint | undefined {
  const [, sign, whole = '', fraction = '', suffix = '', exponent = '0'] = quantity.exec(text) ?? [];
  if (sign === undefined || whole + fraction === '' || Math.abs(Number(exponent)) > 1000) return undefined;
  const isBinary = suffix.endsWith('i');
  const power = (isBinary ? 0 : (powersOfTen[suffix] ?? 0)) + Number(exponent) + nano - fraction.length;
  const factor = isBinary ? 2n ** BigInt(10 * (binarySuffixes.indexOf(suffix.charAt(0)) + 1)) : 1n;
  const digits = BigInt(whole + fraction) * factor;
  const divisor = power < 0 ? 10n ** BigInt(-power) : 1n;
  const size = power < 0 ? (digits + divisor - 1n) / divisor : digits * 10n ** BigInt(power);
  return sign === '-' ? -size : size;
}
