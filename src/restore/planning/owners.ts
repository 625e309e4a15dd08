import type { Cluster } from '../../cluster/cluster.ts';
import { ownerExists } from '../../cluster/owners.ts';
import type { ClaimManifest } from '../../sets/manifest.ts';

/** Without the ownerReferences of owners that are gone: the garbage collector would delete the new claim for them. */
export async function livingOwners(
  cluster: Cluster,
  manifest: ClaimManifest,
  namespace: string,
): Promise<ClaimManifest> {
  const { ownerReferences: owners, ...metadata } = manifest.metadata;
  if (owners === undefined) return manifest;
  const living = await Promise.all(owners.map((owner) => ownerExists(cluster, owner, namespace)));
  const kept = owners.filter((_owner, index) => living[index]);
  return { ...manifest, metadata: kept.length === 0 ? metadata : { ...metadata, ownerReferences: kept } };
}
