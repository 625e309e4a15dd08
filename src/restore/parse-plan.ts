/** A plan as it comes out of a record, which anybody may have written who may write ConfigMaps there. */
import { parseManifest } from '../sets/manifest.ts';
import { ownerRoles } from '../workloads/owner.ts';
import { isScalable } from '../workloads/scale.ts';
import { stopWays } from '../workloads/stop-ways.ts';
import type { Plan } from './plan.ts';
import { stepNames } from './plan.ts';

/** @returns undefined when it isn't one */
export function parsePlan(text: string | undefined): Plan | undefined {
  try {
    const plan: unknown = JSON.parse(text ?? '');
    return isPlan(plan) ? plan : undefined;
  } catch {
    return undefined;
  }
}

/** The shape of all that steps read without asking; a manifest of another claim or namespace isn't believed. */
function isPlan(value: unknown): value is Plan {
  if (!isMap(value) || typeof value.namespace !== 'string' || typeof value.operation !== 'string') return false;
  const { kind, members, workloads, owners = [], steps, notes, source, undoes, namespace } = value;
  const { operation, safetySet, discards, choices, takesOver = [], tidies = [] } = value;
  const isKnown =
    (kind === 'restore' && isMap(source) && typeof source.name === 'string') ||
    (kind === 'undo' && typeof undoes === 'string');
  return (
    isKnown &&
    isSafetySetOf(operation, safetySet) &&
    isSafetySetOf(undoes, discards) &&
    isListOf(members, (member) => isMember(member, kind, namespace)) &&
    isListOf(workloads, isWorkload) &&
    isListOf(owners, isOwner) &&
    isListOf(steps, (step) => stepNames.some((name) => name === step)) &&
    isListOf(notes, isText) &&
    isListOf(takesOver, isText) &&
    isListOf(tidies, isText) &&
    (undoes === undefined || isText(undoes)) &&
    (choices === undefined || isChoices(choices))
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isChoices(value: unknown): boolean {
  if (!isMap(value)) return false;
  const { stop, leave, order, doubted = [] } = value;
  const isNamed = ({ kind, name, namespace }: Record<string, unknown>): boolean =>
    isText(kind) && isScalable(kind) && isText(name) && isText(namespace);
  return isListOf(stop, isNamed) && isListOf(doubted, isNamed) && isListOf(leave, isText) && isListOf(order, isText);
}

/** Steps delete such sets: any other name would be that of a set that somebody means to keep. */
function isSafetySetOf(operation: unknown, set: unknown): boolean {
  return set === undefined || (typeof operation === 'string' && set === `safety-${operation}`);
}

function isMember(member: Record<string, unknown>, kind: string, namespace: string): boolean {
  const { claim, manifest, staging, snapshot, nodes, coming, now, asides, stored } = member;
  const isOwn = (given: unknown): boolean => isManifestOf(given, claim, namespace);
  const isPresent = now === undefined || (isMap(now) && typeof now.volume === 'string' && isOwn(now.manifest));
  if (typeof claim !== 'string' || !isPresent) return false;
  if (kind === 'restore') {
    const isNamed = typeof staging === 'string' && typeof snapshot === 'string';
    return isOwn(manifest) && isNamed && Array.isArray(nodes) && isStoredSource(stored);
  }
  const isComing =
    coming === undefined || (isMap(coming) && typeof coming.volume === 'string' && isOwn(coming.manifest));
  return isComing && isListOf(asides, (aside: Record<string, unknown>) => typeof aside.volume === 'string');
}

/** Nothing is made of it that a record says: a resumed operation finds what was made, or ends (steps/import.ts). */
function isStoredSource(stored: unknown): boolean {
  const keys = ['content', 'handle', 'driver'];
  return stored === undefined || (isMap(stored) && keys.every((key) => typeof stored[key] === 'string'));
}

function isManifestOf(given: unknown, claim: unknown, namespace: string): boolean {
  const metadata = parseManifest(JSON.stringify(given))?.metadata;
  return metadata?.name === claim && (metadata?.namespace ?? namespace) === namespace;
}

function isWorkload({ kind, name, uid, replicas, how = 'scale', manifest }: Record<string, unknown>): boolean {
  const isNamed = typeof kind === 'string' && typeof name === 'string' && typeof uid === 'string';
  const isKnown = stopWays.some((way) => way === how) && (how !== 'scale' || isScalable(String(kind)));
  const isWhole = how !== 'remake' || (isMap(manifest) && manifest.kind === 'Pod' && isNamedAs(manifest, name));
  return isNamed && isKnown && isWhole && Number.isInteger(replicas);
}

function isNamedAs({ metadata }: Record<string, unknown>, name: unknown): boolean {
  return isMap(metadata) && metadata.name === name;
}

/** Whoever may write records may name any object: of what is written on it, the record itself is not asked. */
function isOwner(owner: Record<string, unknown>): boolean {
  const { resource, name, uid, namespace, changes, how, role, proof, ready, serves = [] } = owner;
  const isNamed = typeof name === 'string' && typeof uid === 'string';
  const isPlaced = namespace === undefined || typeof namespace === 'string';
  const isServed =
    isMap(resource) && ['group', 'version', 'plural', 'kind'].every((key) => typeof resource[key] === 'string');
  const isChanged = isListOf(changes, ({ path }: Record<string, unknown>) =>
    isListOf(path, (key) => typeof key === 'string'),
  );
  const isKnown = ownerRoles.some((one) => one === role) && ['pause', 'shutdown', 'scale'].includes(String(how));
  const areConditions = [proof, ready].every((one) => one === undefined || isCondition(one));
  return isNamed && isPlaced && isServed && isChanged && isKnown && areConditions && isListOf(serves, isText);
}

function isCondition(value: unknown): boolean {
  return isMap(value) && isText(value.type) && isText(value.status);
}

function isListOf(value: unknown, isOne: (item: never) => boolean): boolean {
  return Array.isArray(value) && value.every((item) => item !== null && isOne(item as never));
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
