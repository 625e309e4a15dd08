/** Takes back a stage, or a half-done retain: nothing has been stopped or swapped, so nothing of today's is at stake. */
import type { Cluster } from '../../cluster/cluster.ts';
import { onFreshObject } from '../../cluster/conflict.ts';
import type { Claim } from '../../cluster/objects.ts';
import { claims, volumes } from '../../cluster/resources.ts';
import { together } from '../../cluster/together.ts';
import { ClusterError, isClusterError } from '../../errors.ts';
import { operationMark, roleLabel } from '../marks.ts';
import type { Plan } from '../plan.ts';
import { isAsNew } from '../plan.ts';
import { ownPolicy, releaseVolume } from '../volumes.ts';

/**
 * Reads anew what there is, since the run that failed may not have seen its last write succeed.
 * @returns volumes that stay behind, because their class keeps volumes and the user may not change that
 */
export async function unstage(cluster: Cluster, plan: Plan): Promise<string[]> {
  const labelSelector = `${operationMark}=${plan.operation}`;
  const marked = isAsNew(plan) ? [] : await cluster.list(volumes, { labelSelector });
  const parked = marked.filter(({ metadata }) => metadata.labels?.[roleLabel] === 'parked');
  await together(parked.map(({ metadata }) => releaseVolume(cluster, metadata.name, ownPolicy)));

  const labelled = await cluster.list(claims, { namespace: plan.namespace, labelSelector });
  const names = new Set(plan.members.map(({ staging }) => staging));
  const staged = labelled.filter(({ metadata }) => names.has(metadata.name));
  const kept = await together(staged.map((claim) => discard(cluster, claim)));
  return kept.filter((name) => name !== undefined);
}

/** Its volume is a copy of the snapshot that nobody has used yet. @returns the volume when it can't be made to go */
async function discard(cluster: Cluster, claim: Claim): Promise<string | undefined> {
  const kept = await letGo(cluster, claim);
  try {
    await cluster.delete(claims, claim.metadata, { uid: claim.metadata.uid });
  } catch (error) {
    if (!isClusterError(error, 'NotFound')) throw error;
  }
  return kept;
}

/** A class may keep the volumes of deleted claims, which is right for data, and wrong for this copy. */
async function letGo(cluster: Cluster, { metadata, spec }: Claim): Promise<string | undefined> {
  const name = spec?.volumeName ?? '';
  if (name === '') return undefined;
  try {
    await onFreshObject(async () => {
      const volume = await cluster.find(volumes, name);
      if (volume?.spec?.claimRef?.uid !== metadata.uid || volume?.spec?.persistentVolumeReclaimPolicy === 'Delete')
        return;
      const { resourceVersion } = volume?.metadata ?? {};
      const patch = { metadata: { resourceVersion }, spec: { persistentVolumeReclaimPolicy: 'Delete' } };
      await cluster.patch(volumes, { name }, patch);
    });
    return undefined;
  } catch (error) {
    if (error instanceof ClusterError && error.status === 403) return name;
    throw error;
  }
}
