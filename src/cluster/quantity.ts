/** Kubernetes quantities as bytes. The grammar is that of k8s.io/apimachinery/pkg/api/resource. */

const factors: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** Whole bytes, rounded up as Kubernetes does; undefined when it isn't a quantity. Exact up to 8 PiB. */
export function parseQuantity(text: string): number | undefined {
  const parts = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:(n|u|m|k|M|G|T|P|E|[KMGTPE]i)|[eE]([+-]?\d+))?$/.exec(text);
  if (parts === null) return undefined;
  const [, amount, suffix, exponent] = parts;
  const factor = exponent === undefined ? factors[suffix ?? ''] : 10 ** Number(exponent);
  return factor === undefined ? undefined : Math.ceil(Number(amount) * factor);
}

/** Bytes as a quantity that is exactly as much: 4294967296 is 4Gi, 1500 is 1500. */
export function formatQuantity(bytes: number): string {
  if (bytes === 0) return '0';
  for (const suffix of ['Ei', 'Pi', 'Ti', 'Gi', 'Mi', 'Ki']) {
    const factor = factors[suffix] ?? 1;
    if (bytes >= factor && bytes % factor === 0) return `${bytes / factor}${suffix}`;
  }
  return String(bytes);
}

/** Bytes for a person: at most one decimal, such as 24Gi, 1.5Gi or 512Mi. */
export function readableBytes(bytes: number): string {
  for (const suffix of ['Ei', 'Pi', 'Ti', 'Gi', 'Mi', 'Ki']) {
    const factor = factors[suffix] ?? 1;
    if (bytes >= factor) return `${Math.round((bytes / factor) * 10) / 10}${suffix}`;
  }
  return String(bytes);
}
