import type { KubeObject } from './objects.ts';

/**
 * Whether what a watch shows of an object is from after one's own write, or the write itself. Versions of the same
 * resource are decimal numbers that grow (KEP-5504, Comparable Resource Version).
 */
export function isSince(shown: KubeObject, written: KubeObject): boolean {
  return versionOf(shown) >= versionOf(written);
}

function versionOf({ metadata }: KubeObject): bigint {
  return BigInt(metadata.resourceVersion ?? '0');
}
