/**
 * Stops an owner by the fields that its plan names, and puts back what nobody else has changed since. What the fields
 * were stands on the owner itself, written with the same request: whoever can write there could change them anyway, and
 * several operations may hold one operator. The last to let go puts it back.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Cluster } from '../cluster/cluster.ts';
import { onFreshObject } from '../cluster/conflict.ts';
import type { KubeObject } from '../cluster/objects.ts';
import type { Resource } from '../cluster/resources.ts';
import { FailedError } from '../errors.ts';
import { isHeldField } from './held-fields.ts';
import { displayName } from './kinds.ts';
import type { FieldChange, Json, Owner, OwnerCondition } from './owner.ts';
import { valueAt } from './value-at.ts';

/** Annotation on an owner: JSON of Held. */
const heldAnnotation = 'pvsnap.io/held';

interface Held {
  /** Such as `kafka/restore-7f3k2`. */
  by: string[];
  changes: FieldChange[];
}

/** Such as `deployment/es-operator`. */
export function ownerName({ resource, name }: Pick<Owner, 'resource' | 'name'>): string {
  return displayName({ kind: resource.kind.toLowerCase(), name });
}

export function resourceOfOwner({ resource }: Owner): Resource {
  return { ...resource, singular: resource.kind.toLowerCase(), shortNames: [] };
}

/**
 * @param holder the operation, with its namespace in front
 * @param replaced operations whose hold becomes this one's
 * @throws FailedError when it has been made again since the plan: another object may be another's
 */
export async function holdOwner(
  cluster: Cluster,
  owner: Owner,
  [holder, ...replaced]: readonly [string, ...string[]],
): Promise<void> {
  await onFreshObject(async () => {
    const object = await cluster.find(resourceOfOwner(owner), owner.name, owner.namespace);
    if (object === undefined || owner.changes.length === 0) return;
    if (object.metadata.uid !== owner.uid)
      throw new FailedError(`${ownerName(owner)} was made again since the plan was made`);
    const held = understood(owner, object);
    const missing = owner.changes.filter(({ path, during }) => !isAt(object, path, during));
    const others = held?.by.filter((one) => one !== holder && !replaced.includes(one)) ?? [];
    if (held?.by.includes(holder) === true && held.by.length === others.length + 1 && missing.length === 0) return;
    const now: Held = {
      by: [...others, holder],
      // What was there before the first one held it is put back, or what somebody has made of it since.
      changes: owner.changes.map((change) => {
        const isUntouched = !missing.includes(change);
        return (isUntouched ? held?.changes.find(isSamePath(change)) : undefined) ?? asOf(object, change);
      }),
    };
    await write(cluster, owner, object, [
      ...missing.map(({ path, during }): Value => [path, during]),
      [['metadata', 'annotations', heldAnnotation], JSON.stringify(now)],
    ]);
  });
}

/**
 * @param operations what lets go; as long as another one holds it, it stays as it is
 * @returns the operations that hold it still
 * @throws FailedError when what stands on it can't be understood
 */
export function releaseOwner(cluster: Cluster, owner: Owner, operations: readonly string[]): Promise<string[]> {
  return onFreshObject(async () => {
    const object = await cluster.find(resourceOfOwner(owner), owner.name, owner.namespace);
    const held = object?.metadata.uid === owner.uid ? understood(owner, object) : undefined;
    if (object === undefined || held === undefined) return [];
    const by = held.by.filter((one) => !operations.includes(one));
    if (by.length === held.by.length) return by;
    const others = by.length > 0;
    const back = others ? [] : held.changes.filter(({ path, during }) => isAt(object, path, during));
    await write(cluster, owner, object, [
      ...back.map(({ path, before }): Value => [path, before ?? null]),
      [['metadata', 'annotations', heldAnnotation], others ? JSON.stringify({ ...held, by }) : null],
    ]);
    return by;
  });
}

/** What has been changed on it for one of these operations; undefined when none of them holds it. */
export function heldChanges(object: KubeObject, operations: readonly string[]): FieldChange[] | undefined {
  const held = heldOf(object);
  return held?.by.some((one) => operations.includes(one)) === true ? held.changes : undefined;
}

/** What operations have changed on it, as far as nobody else has changed it since. */
export function heldFields(object: KubeObject): FieldChange[] {
  return heldOf(object)?.changes.filter(({ path, during }) => isAt(object, path, during)) ?? [];
}

export function hasCondition(object: KubeObject, { type, status, reason }: OwnerCondition): boolean {
  const { conditions = [] } = (object as KubeObject & { status?: { conditions?: OwnerCondition[] } }).status ?? {};
  return conditions.some(
    (condition) =>
      condition.type === type && condition.status === status && (reason === undefined || condition.reason === reason),
  );
}

/** Written by hand, or by another version: to go over it would lose what the fields were. */
function understood(owner: Owner, object: KubeObject): Held | undefined {
  const held = heldOf(object);
  if (held !== undefined || object.metadata.annotations?.[heldAnnotation] === undefined) return held;
  throw new FailedError(
    `${ownerName(owner)} carries an annotation ${heldAnnotation} that is not understood here: put back by hand what it says, and take it away`,
  );
}

/** Nothing where it can't be understood: then nothing is put back by what it says. */
function heldOf({ metadata }: KubeObject): Held | undefined {
  try {
    const held = JSON.parse(metadata.annotations?.[heldAnnotation] ?? '') as Partial<Held> | null;
    return isListOfTexts(held?.by) && Array.isArray(held?.changes) && held.changes.every(isChange)
      ? (held as Held)
      : undefined;
  } catch {
    return undefined;
  }
}

function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function isChange(change: Partial<FieldChange> | null): boolean {
  return Array.isArray(change?.path) && isHeldField(change.path) && change.during !== undefined;
}

function asOf(object: KubeObject, { path, during }: FieldChange): FieldChange {
  const before = valueAt(object, path);
  return { path, during, ...(before !== undefined && { before }) };
}

function isSamePath({ path }: FieldChange): (other: FieldChange) => boolean {
  return (other) => isDeepStrictEqual(other.path, path);
}

/** A field that is taken away is as good as null. */
function isAt(object: KubeObject, path: readonly string[], wanted: Json): boolean {
  return isDeepStrictEqual(valueAt(object, path) ?? null, wanted);
}

type Value = [path: string[], value: Json];

async function write(
  cluster: Cluster,
  owner: Owner,
  { metadata: { resourceVersion } }: KubeObject,
  values: readonly Value[],
): Promise<void> {
  const patch: Record<string, unknown> = {};
  for (const [path, value] of [...values, [['metadata', 'resourceVersion'], resourceVersion ?? null] as Value]) {
    setAt(patch, path, value);
  }
  await cluster.patch(resourceOfOwner(owner), { name: owner.name, namespace: owner.namespace }, patch);
}

function setAt(target: Record<string, unknown>, [key = '', ...rest]: readonly string[], value: Json): void {
  if (rest.length === 0) target[key] = value;
  else setAt((target[key] ??= {}) as Record<string, unknown>, rest, value);
}
