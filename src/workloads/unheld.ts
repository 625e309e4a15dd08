/**
 * An object as it was before operations held it. Another one may let go of it at any moment: who finds it as it is held
 * would take it for somebody that does nothing, and not hold it too.
 */
import type { KubeObject } from '../cluster/objects.ts';
import { heldFields } from './hold.ts';
import type { FieldChange } from './owner.ts';

/** The same object where nobody holds it. What somebody has changed since stays so. */
export function unheld<T extends KubeObject>(object: T): T {
  const changes = heldFields(object);
  if (changes.length === 0) return object;
  const before = structuredClone(object);
  for (const change of changes) putBack(before as unknown as Record<string, unknown>, change);
  return before;
}

function putBack(object: Record<string, unknown>, { path, before }: FieldChange): void {
  const [key = '', ...rest] = path;
  if (rest.length === 0) {
    if (before === undefined) Reflect.deleteProperty(object, key);
    else object[key] = before;
    return;
  }
  putBack((object[key] ??= {}) as Record<string, unknown>, {
    path: rest,
    ...(before !== undefined && { before }),
    during: null,
  });
}
