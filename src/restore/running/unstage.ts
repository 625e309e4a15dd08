/** Takes back a stage, or a half-done retain: nothing has been stopped or swapped, so nothing of today's is at stake. */
import type { Cluster } from '../../cluster/cluster.ts';
import { onFreshObject } from '../../cluster/conflict.ts';
import type { Claim, Volume } from '../../cluster/objects.ts';
import { claims, pods, volumes } from '../../cluster/resources.ts';
import { together } from '../../cluster/together.ts';
import { ClusterError, FailedError, isClusterError } from '../../errors.ts';
import { podsUsing } from '../../workloads/gone.ts';
import { operationMark, roleLabel } from '../marks.ts';
import type { Plan, RestorePlan, UndoPlan } from '../plan.ts';
import { isAsNew, isImporting, isReplacing } from '../plan.ts';
import { unmarkUndone } from '../records.ts';
import { tidy } from './tidy.ts';
import { isClaimed, isHere, isKept, ownPolicy, releaseVolume, takeOverVolume } from '../volumes.ts';

/**
 * Reads anew what there is, since the run that failed may not have seen its last write succeed.
 * @returns volumes that stay behind, because their class keeps volumes and the user may not change that
 */
export async function unstage(cluster: Cluster, plan: Plan): Promise<string[]> {
  if (plan.kind === 'undo') {
    await unstageUndo(cluster, plan);
    return [];
  }
  if (plan.undoes !== undefined) await unmarkUndone(cluster, plan.namespace, plan.undoes, plan.operation);
  if (isReplacing(plan)) return [];
  if (!isAsNew(plan)) await releasePresent(cluster, plan);
  const kept = await discardStaged(cluster, plan);
  if (isImporting(plan)) await tidy(cluster, plan, AbortSignal.timeout(tidyMs));
  return kept;
}

/** The controllers let go of a snapshot once the claims that were made from it are gone. */
const tidyMs = 60_000;

async function unstageUndo(cluster: Cluster, plan: UndoPlan): Promise<void> {
  if (plan.discards !== undefined) {
    // It has no volumes, and its user may not read any.
    await unmarkUndone(cluster, plan.namespace, plan.undoes, plan.operation);
    return;
  }
  await giveBack(cluster, plan);
  await releasePresent(cluster, plan);
  await checkNothingMarked(cluster, plan);
}

/** What was taken over goes back to the operation that was to be undone. */
async function giveBack(cluster: Cluster, plan: UndoPlan): Promise<void> {
  const { operation: from, undoes: to, namespace } = plan;
  const ours = new Set((await markedHere(cluster, plan)).map(({ metadata }) => metadata.name));
  const moves = plan.members.flatMap(({ claim, coming, asides, now }) => [
    ...(coming === undefined ? [] : [{ claim, volume: coming.volume, role: 'parked' as const }]),
    ...asides.map(({ volume, role }) => ({ claim, volume, role })),
    ...(now?.isKept === true ? [{ claim, volume: now.volume, role: 'staged' as const }] : []),
  ]);
  const back = moves.filter(({ volume }) => ours.has(volume));
  await together(back.map((move) => takeOverVolume(cluster, { ...move, namespace, from, to })));
  await unmarkUndone(cluster, namespace, to, from);
}

async function releasePresent(cluster: Cluster, plan: Plan): Promise<void> {
  const marked = await markedHere(cluster, plan);
  const parked = marked.filter(({ metadata }) => metadata.labels?.[roleLabel] === 'parked');
  await together(parked.map(({ metadata }) => releaseVolume(cluster, metadata.name, ownPolicy)));
}

/** Without a mark of its own the undo can be forgotten; with one, its record must stay. */
async function checkNothingMarked(cluster: Cluster, plan: Plan): Promise<void> {
  const [left] = await markedHere(cluster, plan);
  if (left !== undefined) throw new FailedError(`volume ${left.metadata.name} is still marked with ${plan.operation}`);
}

async function markedHere(cluster: Cluster, { operation, namespace }: Plan): Promise<Volume[]> {
  const marked = await cluster.list(volumes, { labelSelector: `${operationMark}=${operation}` });
  return marked.filter((volume) => isHere(volume, namespace));
}

async function discardStaged(cluster: Cluster, plan: RestorePlan): Promise<string[]> {
  const labelSelector = `${operationMark}=${plan.operation}`;
  const labelled = await cluster.list(claims, { namespace: plan.namespace, labelSelector });
  const sourceOf = new Map(plan.members.map(({ staging, snapshot }) => [staging, snapshot]));
  const staged = labelled.filter(
    ({ metadata, spec }) => sourceOf.has(metadata.name) && spec?.dataSource?.name === sourceOf.get(metadata.name),
  );
  await checkUnused(cluster, plan.namespace, new Set(sourceOf.keys()));
  const kept = await together(staged.map((claim) => discard(cluster, claim)));
  if (!isAsNew(plan)) await discardOrphans(cluster, plan, new Set(sourceOf.keys()));
  return kept.filter((name) => name !== undefined);
}

/** Copies whose staging claim somebody has deleted: nothing else would name them any more. */
async function discardOrphans(cluster: Cluster, plan: RestorePlan, stagings: ReadonlySet<string>): Promise<void> {
  const marked = await markedHere(cluster, plan);
  const present = await cluster.list(claims, { namespace: plan.namespace });
  const orphans = marked.filter(
    (volume) =>
      isKept(volume, plan.operation, 'staged') &&
      volume.spec?.claimRef?.uid !== undefined &&
      stagings.has(volume.spec.claimRef.name ?? '') &&
      !isClaimed(volume, present),
  );
  const patch = { spec: { persistentVolumeReclaimPolicy: 'Delete' } };
  await together(
    orphans.map(({ metadata }) =>
      cluster.patch(volumes, metadata, { ...patch, metadata: { resourceVersion: metadata.resourceVersion } }),
    ),
  );
}

/**
 * A claim made for its own sake (--as-new) may have been taken into use. A user who may not list pods has made these
 * claims a moment ago, or was refused before.
 * @throws FailedError when a pod uses one: then none is deleted
 */
async function checkUnused(cluster: Cluster, namespace: string, names: ReadonlySet<string>): Promise<void> {
  try {
    const [pod] = podsUsing(await cluster.list(pods, { namespace }), names);
    if (pod !== undefined) throw new FailedError(`pod ${pod.metadata.name} uses one of the new claims`);
  } catch (error) {
    if (!(error instanceof ClusterError && error.status === 403)) throw error;
  }
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
