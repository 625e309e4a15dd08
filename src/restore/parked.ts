/** What is parked, as far as it stands on the volumes themselves. */
import { ifAllowed } from '../cluster/access.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Volume } from '../cluster/objects.ts';
import { volumes } from '../cluster/resources.ts';
import { claimAnnotation } from '../sets/marks.ts';
import type { ClaimManifest } from '../sets/manifest.ts';
import { parseManifest } from '../sets/manifest.ts';
import type { Role } from './volumes.ts';
import { operationMark, roleLabel } from './marks.ts';

export interface MarkedVolume {
  operation: string;
  role: Role;
  /** The claim that it was of, or is meant for. */
  manifest: ClaimManifest;
  volume: Volume;
}

/**
 * Volumes that operations keep. Of this namespace alone: whoever may write records in one namespace could name there an
 * operation of another.
 * @param namespace undefined: all of them
 */
export async function readMarked(
  cluster: Cluster,
  namespace: string | undefined,
  operation?: string,
): Promise<MarkedVolume[]> {
  const labelSelector = operation === undefined ? operationMark : `${operationMark}=${operation}`;
  const found = await cluster.list(volumes, { labelSelector });
  return markedAmong(found, namespace);
}

/** @param namespace undefined: all of them */
export function markedAmong(found: readonly Volume[], namespace: string | undefined): MarkedVolume[] {
  return found.flatMap((volume) => {
    const { labels = {}, annotations } = volume.metadata;
    const manifest = parseManifest(annotations?.[claimAnnotation]);
    const role = labels[roleLabel];
    const isHere = namespace === undefined || volume.spec?.claimRef?.namespace === namespace;
    if (!isHere || manifest === undefined || (role !== 'staged' && role !== 'parked')) return [];
    return [{ operation: labels[operationMark] ?? '', role, manifest, volume }];
  });
}

/** Who may not list volumes can't have kept any: their operations replace claims. */
export async function hasMarked(cluster: Cluster, namespace: string, operation: string): Promise<boolean> {
  return ((await ifAllowed(readMarked(cluster, namespace, operation))) ?? []).length > 0;
}

/** Names of the operations that have parked volumes in the namespace. */
export async function readParkedOperations(cluster: Cluster, namespace: string): Promise<string[]> {
  const marked = await readMarked(cluster, namespace);
  return [...new Set(marked.filter(({ role }) => role === 'parked').map(({ operation }) => operation))].sort();
}
