/** Types of the snapshot APIs, named as kubectl lets them be named. */
import type { Cluster } from '../../cluster/cluster.ts';
import type { Resource } from '../../cluster/resources.ts';
import {
  contents,
  groupSnapshotClasses,
  groupSnapshotContents,
  groupSnapshots,
  snapshotClasses,
  snapshots,
} from '../../cluster/resources.ts';
import { servedAs } from '../../cluster/served.ts';
import { ClusterError, FailedError, UsageError } from '../../errors.ts';
import { schedules } from '../../velero/resources.ts';

export const types: readonly Resource[] = [
  snapshots,
  contents,
  snapshotClasses,
  groupSnapshots,
  groupSnapshotContents,
  groupSnapshotClasses,
  schedules,
];

/** @throws UsageError for a word that names none of them; FailedError in kubectl's words for none at all */
export function requireOurs(word: string): void {
  if (candidatesFor(word.toLowerCase()).length > 0) return;
  if (word === '') throw unknownType(word);
  throw new UsageError(`get "${word}": expected sets, operations, vs, vsc, vsclass, vgs, vgsc, vgsclass or schedules`);
}

/**
 * `NAME`, `NAME.GROUP`, where the beginning of a group is enough, or `NAME.VERSION.GROUP`. Plurals and kinds may be
 * written in any case, short names may not, and a version counts for nothing with them.
 * @throws FailedError in kubectl's words for what the cluster doesn't have
 */
export async function typeNamed(cluster: Cluster, word: string): Promise<Resource> {
  const [name = '', ...rest] = word.split('.');
  const candidates = candidatesFor(word);
  const [version = '', ...group] = rest;
  const versioned = candidates.find((type) => group.length > 0 && type.group === group.join('.'));
  if (versioned !== undefined) {
    if (versioned.version === version || versioned.shortNames.includes(name)) return versioned;
    const served = await servedAs(cluster, versioned, version);
    if (served !== undefined) return served;
  }
  const inGroup = candidates.find((type) => type.group.startsWith(rest.join('.')));
  if (inGroup === undefined) throw unknownType(name);
  return inGroup;
}

function candidatesFor(word: string): Resource[] {
  const [name = ''] = word.split('.');
  return types.filter((type) => isCalled(type, name));
}

function isCalled({ plural, singular, shortNames }: Resource, name: string): boolean {
  return shortNames.includes(name) || [plural, singular].includes(name.toLowerCase());
}

function unknownType(name: string): FailedError {
  return new FailedError(`the server doesn't have a resource type "${name}"`);
}

/** Whether a request failed as it does for a type that isn't there. Rights are looked at before the type is. */
export function mayBeElsewhere(error: unknown): boolean {
  if (!(error instanceof ClusterError)) return false;
  // A missing object is answered with a Status that names it, a missing type with a page.
  const isMissing = error.status === 404 && error.message.includes('could not find the requested resource');
  return isMissing || error.status === 403;
}

/** A server that doesn't say what it serves is taken at its first word. */
function asItIs(resource: Resource): (error: unknown) => Resource {
  return (error) => {
    if (error instanceof ClusterError) return resource;
    throw error;
  };
}

/**
 * Where a type is that may not be where it was looked for: maybe in an older version.
 * @param word the type as the user wrote it
 * @returns undefined when it is there, and the failure had another cause
 * @throws FailedError in kubectl's words when the cluster doesn't have it
 */
export async function relocated(cluster: Cluster, resource: Resource, word: string): Promise<Resource | undefined> {
  const served = await servedAs(cluster, resource).catch(asItIs(resource));
  if (served === undefined) throw unknownType(word.replace(/\..*$/s, ''));
  return served.version === resource.version ? undefined : served;
}
