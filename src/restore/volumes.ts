/** What is done to a volume: keep it, offer it to a claim, let it go. Everything needed to go on stands on it. */
import type { Cluster } from '../cluster/cluster.ts';
import type { Claim, Volume } from '../cluster/objects.ts';
import { onFreshObject } from '../cluster/conflict.ts';
import { parseQuantity } from '../cluster/quantity.ts';
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
  /** Where its data came from, when that is said anew. */
  source?: string;
  /** What it gets at the end, where that isn't what it has. */
  reclaimPolicy?: string | undefined;
}

/** The volume that is meant for a claim, once it is kept; undefined before. */
export function stagedVolume(
  known: ReadonlyMap<string, Volume>,
  { operation, namespace }: Pick<Plan, 'operation' | 'namespace'>,
  claim: string,
): Volume | undefined {
  return [...known.values()].find(
    (volume) => isMarked(volume, operation, 'staged') && isHere(volume, namespace) && claimOf(volume) === claim,
  );
}

/**
 * Whether the volume is of the namespace, or was last. No operation touches another's: its record may have been
 * written by somebody who may write ConfigMaps there, and nothing else.
 */
export function isHere({ spec }: Volume, namespace: string): boolean {
  return spec?.claimRef?.namespace === namespace;
}

export function capacityBytes({ spec }: Volume): number {
  return parseQuantity(spec?.capacity?.storage ?? '') ?? 0;
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
  if (!isFor(volume, plan.namespace, keep)) {
    throw new FailedError(
      `volume ${keep.volume} is no longer bound to the claim it was bound to when the plan was made ` +
        `(${volume.spec?.claimRef?.name ?? 'none'} now); look at it with: kubectl describe pv ${keep.volume}`,
    );
  }
  if (volume.metadata.deletionTimestamp !== undefined) {
    throw new FailedError(`volume ${keep.volume} is being deleted: it would be gone once its claim lets go of it`);
  }
  if (isOthers(volume, plan)) {
    const operation = volume.metadata.labels?.[operationMark] ?? '';
    throw new FailedError(`volume ${keep.volume} is kept by ${operation}: end that first (resume, undo or commit it)`);
  }
  await cluster.patch(volumes, volume.metadata, {
    metadata: {
      resourceVersion: volume.metadata.resourceVersion,
      labels: { [operationMark]: plan.operation, [roleLabel]: keep.role },
      annotations: {
        [claimAnnotation]: JSON.stringify(keep.manifest),
        [reclaimPolicyAnnotation]: keep.reclaimPolicy ?? ownPolicy(volume),
        ...(keep.source !== undefined && { [sourceAnnotation]: keep.source }),
      },
    },
    spec: { persistentVolumeReclaimPolicy: 'Retain', ...(keep.role === 'parked' && withdrawn(volume)) },
  });
}

/**
 * Bound to the claim; or, where an operation was interrupted, offered to a claim of that name or released by one, and
 * not yet taken.
 */
function isFor(volume: Volume, namespace: string, { claimUid, manifest }: Kept): boolean {
  const { uid, name } = volume.spec?.claimRef ?? {};
  const isFree = uid === undefined || volume.status?.phase === 'Released';
  return isHere(volume, namespace) && (uid === claimUid || (isFree && name === manifest.metadata.name));
}

/** Two operations can't keep one volume: each would take it from the other. */
function isOthers({ metadata }: Volume, plan: Plan): boolean {
  const operation = metadata.labels?.[operationMark];
  return operation !== undefined && operation !== plan.operation && (plan.kind !== 'undo' || operation !== plan.undoes);
}

interface Move {
  volume: string;
  /** The claim that it must be of, or meant for. */
  claim: string;
  namespace: string;
  from: string;
  to: string;
  role: Role;
}

/**
 * Moves a kept volume from one operation to another. Does nothing when that is done already.
 * @throws FailedError when neither operation keeps it for this claim
 */
export function takeOverVolume(
  cluster: Cluster,
  { volume: name, claim, namespace, from, to, role }: Move,
): Promise<void> {
  return onFreshObject(async () => {
    const volume = await cluster.get(volumes, name);
    const isTheOne = isHere(volume, namespace) && claimOf(volume) === claim;
    if (isTheOne && isKept(volume, to, role)) return;
    const { labels, resourceVersion } = volume.metadata;
    if (!isTheOne || ![from, to].includes(labels?.[operationMark] ?? '')) {
      throw new FailedError(
        `volume ${name} is no longer kept by ${from}: look at it with: kubectl describe pv ${name}`,
      );
    }
    await cluster.patch(volumes, volume.metadata, {
      metadata: { resourceVersion, labels: { [operationMark]: to, [roleLabel]: role } },
      spec: { persistentVolumeReclaimPolicy: 'Retain', ...(role === 'parked' && withdrawn(volume)) },
    });
  });
}

/**
 * A volume that is offered to a claim name, and was not taken, would be given to the next claim of that name, such as
 * an empty one that a StatefulSet makes. With a uid that no claim has it is Released, as every parked volume.
 */
function withdrawn({ spec, status }: Volume): object {
  const isOffered = spec?.claimRef !== undefined && spec.claimRef.uid === undefined && status?.phase !== 'Bound';
  return isOffered ? { claimRef: { uid: crypto.randomUUID() } } : {};
}

/**
 * Points a volume at a claim name, so that the binder gives it to the next claim of that name.
 * Leaves claimRef.uid out: a volume with a uid is bound to a claim that no longer exists (Released) and never rebinds.
 * @throws FailedError when the operation doesn't keep it for this, or it is bound to a claim that exists
 */
export function offerVolume(
  cluster: Cluster,
  { operation, namespace }: Pick<Plan, 'operation' | 'namespace'>,
  name: string,
  claim: string,
): Promise<void> {
  return onFreshObject(async () => {
    const volume = await cluster.get(volumes, name);
    const claimRef = volume.spec?.claimRef;
    if (!isKept(volume, operation, 'staged') || !isHere(volume, namespace)) {
      throw new FailedError(
        `volume ${name} is not kept by ${operation} for a claim of namespace ${namespace} any more`,
      );
    }
    if (claimRef?.name === claim && claimRef.uid === undefined) return;
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
        ...withoutMarks,
      },
      spec: { persistentVolumeReclaimPolicy: policyOf(volume) },
    });
    return true;
  });
}

/** Of a patch's metadata: an ordinary volume again. */
export const withoutMarks = {
  labels: { [operationMark]: null, [roleLabel]: null },
  annotations: { [claimAnnotation]: null, [reclaimPolicyAnnotation]: null },
};

/** Its claim exists, is the one that it names, and isn't being deleted. */
async function isInUse(cluster: Cluster, volume: Volume): Promise<boolean> {
  const { name, namespace, uid } = volume.spec?.claimRef ?? {};
  if (volume.status?.phase !== 'Bound' || name === undefined) return false;
  const claim = await cluster.find(claims, name, namespace);
  return claim?.metadata.uid === uid && claim?.metadata.deletionTimestamp === undefined;
}

/**
 * Whether one of the claims of its namespace is bound to it, or asks for it. The phase Bound alone doesn't tell: where
 * the binder sees a claim's deletion only once another of that name is there, it looks at the volume of the first one
 * at its resync, up to 15 s later (pkg/controller/volume/persistentvolume).
 */
export function isClaimed({ metadata, spec }: Volume, present: readonly Claim[]): boolean {
  return present.some(
    (claim) => claim.metadata.uid === spec?.claimRef?.uid || claim.spec?.volumeName === metadata.name,
  );
}

/** Whether its data outlives its claim, for this operation. */
export function isKept({ metadata, spec }: Volume, operation: string, role: Role): boolean {
  return isMarked({ metadata }, operation, role) && spec?.persistentVolumeReclaimPolicy === 'Retain';
}

/** The volume's own reclaim policy: one that is marked is Retain only because we keep it, and its own stands beside. */
export function ownPolicy({ metadata, spec }: Volume): string {
  const present = spec?.persistentVolumeReclaimPolicy ?? 'Retain';
  const hasMarks = metadata.labels?.[operationMark] !== undefined;
  return hasMarks ? (metadata.annotations?.[reclaimPolicyAnnotation] ?? present) : present;
}

function isMarked({ metadata: { labels } }: Pick<Volume, 'metadata'>, operation: string, role: Role): boolean {
  return labels?.[operationMark] === operation && labels[roleLabel] === role;
}

function claimOf({ metadata }: Volume): string | undefined {
  return parseManifest(metadata.annotations?.[claimAnnotation])?.metadata.name;
}
