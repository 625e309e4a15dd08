/** What is done to a volume: keep it, offer it to a claim, let it go. Everything needed to go on stands on it. */
import type { Cluster } from '../cluster/cluster.ts';
import type { Volume } from '../cluster/objects.ts';
import { onFreshObject } from '../cluster/conflict.ts';
import { claims, volumes } from '../cluster/resources.ts';
import { FailedError } from '../errors.ts';
import { claimAnnotation } from '../sets/marks.ts';
import type { ClaimManifest } from '../sets/manifest.ts';
import { parseManifest } from '../sets/manifest.ts';
import { operationMark, reclaimPolicyAnnotation, roleLabel, sourceAnnotation } from './marks.ts';
import type { Plan } from './plan.ts';

export type Role = 'staged' | 'parked';

interface Kept {
  volume: string;
  role: Role;
  /** The claim that the volume must be bound to. */
  claimUid: string;
  /** The claim that the volume is for: the one to come, or for a parked volume the one it had. */
  manifest: ClaimManifest;
}

/** The volume that holds the restored data of a claim, once it is kept; undefined before. */
export function stagedVolume(known: ReadonlyMap<string, Volume>, claim: string): Volume | undefined {
  return [...known.values()].find((volume) => isOf(volume, 'staged', claim));
}

/**
 * Sets the reclaim policy to Retain and writes what must survive a crash. Does nothing when that stands already.
 * @throws FailedError when it is bound to another claim
 */
export function keepVolume(cluster: Cluster, plan: Plan, keep: Kept): Promise<void> {
  return onFreshObject(() => keepOnce(cluster, plan, keep));
}

async function keepOnce(cluster: Cluster, plan: Plan, keep: Kept): Promise<void> {
  const volume = await cluster.get(volumes, keep.volume);
  if (isKept(volume, plan.operation, keep.role)) return;
  if (volume.spec?.claimRef?.uid !== keep.claimUid) {
    throw new FailedError(
      `volume ${keep.volume} is no longer bound to the claim it was bound to when the plan was made ` +
        `(${volume.spec?.claimRef?.name ?? 'none'} now); look at it with: kubectl describe pv ${keep.volume}`,
    );
  }
  await cluster.patch(volumes, volume.metadata, {
    metadata: {
      resourceVersion: volume.metadata.resourceVersion,
      labels: { [operationMark]: plan.operation, [roleLabel]: keep.role },
      annotations: {
        [claimAnnotation]: JSON.stringify(keep.manifest),
        [reclaimPolicyAnnotation]: ownPolicy(volume),
        [sourceAnnotation]: keep.role === 'staged' ? `${plan.namespace}/${plan.source.name}` : null,
      },
    },
    spec: { persistentVolumeReclaimPolicy: 'Retain' },
  });
}

/**
 * Points a volume at a claim name, so that the binder gives it to the next claim of that name.
 * Leaves claimRef.uid out: a volume with a uid is bound to a claim that no longer exists (Released) and never rebinds.
 * @throws FailedError when the volume is bound to a claim that exists
 */
export function offerVolume(cluster: Cluster, name: string, namespace: string, claim: string): Promise<void> {
  return onFreshObject(async () => {
    const volume = await cluster.get(volumes, name);
    const claimRef = volume.spec?.claimRef;
    if (claimRef?.name === claim && claimRef.namespace === namespace && claimRef.uid === undefined) return;
    if (volume.status?.phase === 'Bound') {
      throw new FailedError(`volume ${name} is bound to claim ${claimRef?.name ?? ''}, and can't be given to ${claim}`);
    }
    await cluster.patch(volumes, volume.metadata, {
      metadata: { resourceVersion: volume.metadata.resourceVersion },
      spec: {
        claimRef: {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          namespace,
          name: claim,
          uid: null,
          resourceVersion: null,
        },
      },
    });
  });
}

/**
 * Gives a volume in use its reclaim policy and takes the marks off: it is an ordinary volume again.
 * A volume whose claim is gone is left as it is, kept and marked: with the policy Delete its data would go at once.
 * @returns whether it was released
 */
export function releaseVolume(cluster: Cluster, name: string, policyOf: (volume: Volume) => string): Promise<boolean> {
  return onFreshObject(async () => {
    const volume = await cluster.find(volumes, name);
    if (volume === undefined || !(await isInUse(cluster, volume))) return false;
    await cluster.patch(volumes, volume.metadata, {
      metadata: {
        resourceVersion: volume.metadata.resourceVersion,
        labels: { [operationMark]: null, [roleLabel]: null },
        annotations: { [claimAnnotation]: null, [reclaimPolicyAnnotation]: null },
      },
      spec: { persistentVolumeReclaimPolicy: policyOf(volume) },
    });
    return true;
  });
}

/** Its claim exists, is the one that it names, and isn't being deleted. */
async function isInUse(cluster: Cluster, volume: Volume): Promise<boolean> {
  const { name, namespace, uid } = volume.spec?.claimRef ?? {};
  if (volume.status?.phase !== 'Bound' || name === undefined) return false;
  const claim = await cluster.find(claims, name, namespace);
  return claim?.metadata.uid === uid && claim?.metadata.deletionTimestamp === undefined;
}

/** Whether its data outlives its claim, for this operation. */
export function isKept({ metadata, spec }: Volume, operation: string, role: Role): boolean {
  const isOurs = metadata.labels?.[operationMark] === operation && metadata.labels[roleLabel] === role;
  return isOurs && spec?.persistentVolumeReclaimPolicy === 'Retain';
}

/** The volume's own reclaim policy: one that is marked is Retain only because we keep it, and its own stands beside. */
export function ownPolicy({ metadata, spec }: Volume): string {
  const present = spec?.persistentVolumeReclaimPolicy ?? 'Retain';
  const isMarked = metadata.labels?.[operationMark] !== undefined;
  return isMarked ? (metadata.annotations?.[reclaimPolicyAnnotation] ?? present) : present;
}

function isOf(volume: Volume, role: Role, claim: string): boolean {
  const manifest = parseManifest(volume.metadata.annotations?.[claimAnnotation]);
  return volume.metadata.labels?.[roleLabel] === role && manifest?.metadata.name === claim;
}
