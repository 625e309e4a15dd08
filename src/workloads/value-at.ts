import type { Json } from './owner.ts';

/** The value of a field, by its keys from the root. undefined: there is no such field, or Go left it out as null. */
export function valueAt(object: object, path: readonly string[]): Json | undefined {
  let value: unknown = object;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return (value ?? undefined) as Json | undefined;
}
