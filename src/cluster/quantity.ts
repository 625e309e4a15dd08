/** Kubernetes quantities as bytes. The grammar is that of k8s.io/apimachinery/pkg/api/resource. */

/** Each suffix as a fraction of whole numbers, so that nothing is lost to binary floating point. */
const factors: Record<string, readonly [numerator: bigint, denominator: bigint]> = {
  n: [1n, 10n ** 9n],
  u: [1n, 10n ** 6n],
  m: [1n, 10n ** 3n],
  '': [1n, 1n],
  k: [10n ** 3n, 1n],
  M: [10n ** 6n, 1n],
  G: [10n ** 9n, 1n],
  T: [10n ** 12n, 1n],
  P: [10n ** 15n, 1n],
  E: [10n ** 18n, 1n],
  Ki: [2n ** 10n, 1n],
  Mi: [2n ** 20n, 1n],
  Gi: [2n ** 30n, 1n],
  Ti: [2n ** 40n, 1n],
  Pi: [2n ** 50n, 1n],
  Ei: [2n ** 60n, 1n],
};

/** Kubernetes' own limit is 2^63-1; anything longer is no size of a volume. */
const mostDigits = 40;

/**
 * Whole bytes, rounded up as Kubernetes does; undefined when it isn't a quantity that a volume may have (a negative
 * one isn't). Exact up to 8 PiB.
 */
export function parseQuantity(text: string): number | undefined {
  const parts = /^\+?(\d*)\.?(\d*)(?:(n|u|m|k|M|G|T|P|E|[KMGTPE]i)|[eE]([+-]?\d{1,2}))?$/.exec(text);
  const [, whole = '', fraction = '', suffix = '', exponent = '0'] = parts ?? [];
  const digits = whole + fraction;
  if (parts === null || digits === '' || digits.length > mostDigits) return undefined;
  const [numerator, denominator] = factors[suffix] ?? [1n, 1n];
  const power = BigInt(exponent) - BigInt(fraction.length);
  const above = BigInt(digits) * numerator * (power > 0n ? 10n ** power : 1n);
  const below = denominator * (power < 0n ? 10n ** -power : 1n);
  return Number((above + below - 1n) / below);
}

const binary = ['Ei', 'Pi', 'Ti', 'Gi', 'Mi', 'Ki'] as const;

/** Bytes as a quantity that is exactly as much: 4294967296 is 4Gi, 1500 is 1500. */
export function formatQuantity(bytes: number): string {
  const suffix = bytes === 0 ? undefined : binary.find((candidate) => bytes % sizeOf(candidate) === 0);
  return suffix === undefined ? String(bytes) : `${bytes / sizeOf(suffix)}${suffix}`;
}

/** Bytes for a person: at most one decimal, such as 24Gi, 1.5Gi or 512Mi. */
export function readableBytes(bytes: number): string {
  const tenths = (suffix: (typeof binary)[number]): number => Math.round((bytes / sizeOf(suffix)) * 10);
  const suffix = binary.find((candidate) => tenths(candidate) >= 10);
  return suffix === undefined ? String(bytes) : `${tenths(suffix) / 10}${suffix}`;
}

function sizeOf(suffix: (typeof binary)[number]): number {
  return Number(factors[suffix]?.[0] ?? 1n);
}
