/** Deletes what is parked: the one place that gives a volume up. */
import type { Cluster } from '../../cluster/cluster.ts';
import { onFreshObject } from '../../cluster/conflict.ts';
import type { Node, Volume, VolumeAttachment } from '../../cluster/objects.ts';
import { claims, nodes, volumeAttachments, volumes } from '../../cluster/resources.ts';
import { together } from '../../cluster/together.ts';
import type { Watch } from '../../cluster/watch.ts';
import { openWatch } from '../../cluster/watch.ts';
import { CancelledError, FailedError, reasonOf } from '../../errors.ts';
import { untilAny } from '../../workloads/watches.ts';
import type { CommitPlan, Doomed } from '../commit-plan.ts';
import { isKeptByItsPolicy } from '../commit-plan.ts';
import { operationMark } from '../marks.ts';
import { markCommitting, removeRecord } from '../records.ts';
import { isClaimed, isHere, isKept, withoutMarks } from '../volumes.ts';
import { deleteSnapshots } from './delete-snapshots.ts';
import { guarded } from './guarded.ts';
import { acquireLock } from './lock.ts';

export interface CommitOptions {
  cancelled: AbortSignal;
  timeoutMs: number;
  /** A volume and what it waits for; untrusted text. */
  onProgress: (volume: Doomed, state: string) => void;
  onDone: (volume: Doomed) => void;
  onWait: (detail: string) => void;
  /** Asked once nobody else can begin anything: throws when the plan is no longer the right one. */
  checkAgain: () => Promise<void>;
}

/** @throws FailedError when a volume can't be deleted in time: what is left stays parked, or goes later by itself */
export async function runCommit(free: Cluster, plan: CommitPlan, options: CommitOptions): Promise<void> {
  const { operation, namespace } = plan;
  const lock = await acquireLock(free, { operation, namespace }, options.cancelled, options.onWait);
  const cluster = guarded(free, lock);
  try {
    await options.checkAgain();
    await markCommitting(cluster, namespace, operation);
    const signal = AbortSignal.any([AbortSignal.timeout(options.timeoutMs), options.cancelled, lock.lost]);
    try {
      if (plan.volumes.length > 0) await commitVolumes(cluster, plan, options, signal);
      await deleteSnapshots(cluster, plan, signal);
    } catch (error) {
      throw ended(error, plan);
    }
    await endRecord(cluster, plan);
  } finally {
    await lock.release();
  }
}

/** @throws FailedError that says what is done: the answer may be all that is missing */
async function endRecord(cluster: Cluster, { namespace, operation }: CommitPlan): Promise<void> {
  try {
    await removeRecord(cluster, namespace, operation);
  } catch (error) {
    const again = `kubectl pvsnap commit ${operation} -n ${namespace}`;
    throw new FailedError(
      `All is done, but its record may be there still (${reasonOf(error)}); ` +
        `if get operations shows it:\n  ${again}`,
      { cause: error },
    );
  }
}

async function commitVolumes(
  cluster: Cluster,
  plan: CommitPlan,
  options: CommitOptions,
  signal: AbortSignal,
): Promise<void> {
  const watches = await openWatches(cluster, plan.operation);
  try {
    await together(plan.volumes.map((volume) => commitVolume({ cluster, plan, watches, options, signal }, volume)));
  } finally {
    closeAll(watches);
  }
}

interface Watches {
  volumes: Watch<Volume>;
  attachments: Watch<VolumeAttachment>;
  nodes: Watch<Node>;
}

interface Committing {
  cluster: Cluster;
  plan: CommitPlan;
  watches: Watches;
  options: CommitOptions;
  signal: AbortSignal;
}

async function openWatches(cluster: Cluster, operation: string): Promise<Watches> {
  const labelSelector = `${operationMark}=${operation}`;
  const [ofVolumes, attachments, ofNodes] = await Promise.all([
    openWatch(cluster, volumes, { labelSelector }),
    openWatch(cluster, volumeAttachments, {}),
    openWatch(cluster, nodes, {}),
  ]);
  return { volumes: ofVolumes, attachments, nodes: ofNodes };
}

function closeAll({ volumes: ofVolumes, attachments, nodes: ofNodes }: Watches): void {
  ofVolumes.close();
  attachments.close();
  ofNodes.close();
}

async function commitVolume(committing: Committing, doomed: Doomed): Promise<void> {
  const { cluster, plan, watches, options, signal } = committing;
  const tell = (state: string): void => {
    options.onProgress(doomed, state);
  };
  if (!isKeptByItsPolicy(doomed)) await untilUnused(watches, doomed, signal, tell);
  signal.throwIfAborted();
  const isMarked = await giveUp(cluster, plan, doomed);
  if (isMarked && !isKeptByItsPolicy(doomed)) {
    tell('deleting');
    await untilGone(watches.volumes, doomed, signal, tell);
  }
  options.onDone(doomed);
}

/**
 * Where a driver doesn't attach, nothing but the node's own list guards a volume: deleted before the node has let go,
 * it leaves a stale mount behind, and a kubelet that retries for minutes.
 */
async function untilUnused(
  { volumes: ofVolumes, attachments, nodes: ofNodes }: Watches,
  { volume: name }: Doomed,
  signal: AbortSignal,
  tell: (state: string) => void,
): Promise<void> {
  const isFree = (): boolean => {
    const holder = holderOf(name, ofVolumes.objects.get(name), attachments.objects.values(), ofNodes.objects.values());
    if (holder !== undefined) tell(`still attached to ${holder}`);
    return holder === undefined;
  };
  await untilAny([attachments, ofNodes], isFree, signal);
}

/** A node's list has the names that kubernetes pkg/volume/util GetUniqueVolumeName makes of driver and handle. */
function holderOf(
  name: string,
  volume: Volume | undefined,
  attachments: Iterable<VolumeAttachment>,
  ofNodes: Iterable<Node>,
): string | undefined {
  const attachment = [...attachments].find(({ spec }) => spec.source.persistentVolumeName === name);
  if (attachment !== undefined) return attachment.spec.nodeName;
  const { driver, volumeHandle } = volume?.spec?.csi ?? {};
  const used = `kubernetes.io/csi/${driver ?? ''}^${volumeHandle ?? ''}`;
  return [...ofNodes].find(({ status }) => status?.volumesInUse?.includes(used) === true)?.metadata.name;
}

/** @returns false when it is gone already. @throws FailedError when it is not what was agreed to be deleted */
function giveUp(cluster: Cluster, { operation, namespace }: CommitPlan, doomed: Doomed): Promise<boolean> {
  return onFreshObject(async () => {
    const volume = await cluster.find(volumes, doomed.volume);
    if (volume?.metadata.uid !== doomed.uid) return false;
    if (volume.metadata.labels?.[operationMark] === operation && isGoing(volume)) return true;
    if (!isKept(volume, operation, 'parked') || (await isUsed(cluster, volume, namespace))) {
      throw new FailedError(
        `volume ${doomed.volume} is in use, or no longer parked by ${operation}: it was left as it is`,
      );
    }
    await cluster.patch(volumes, volume.metadata, {
      metadata: {
        resourceVersion: volume.metadata.resourceVersion,
        ...(isKeptByItsPolicy(doomed) && withoutMarks),
      },
      spec: { persistentVolumeReclaimPolicy: doomed.reclaimPolicy },
    });
    return true;
  });
}

async function isUsed(cluster: Cluster, volume: Volume, namespace: string): Promise<boolean> {
  if (volume.status?.phase !== 'Bound') return false;
  if (!isHere(volume, namespace)) return true;
  return isClaimed(volume, await cluster.list(claims, { namespace }));
}

/** An earlier commit has given it up already. */
function isGoing({ metadata, spec }: Volume): boolean {
  return metadata.deletionTimestamp !== undefined || spec?.persistentVolumeReclaimPolicy !== 'Retain';
}

async function untilGone(
  watch: Watch<Volume>,
  { volume: name, uid }: Doomed,
  signal: AbortSignal,
  tell: (state: string) => void,
): Promise<void> {
  await watch.until((objects) => {
    const volume = objects.get(name);
    if (volume?.metadata.uid !== uid) return true;
    if (volume.status?.phase === 'Failed') tell(`driver: ${volume.status.message ?? 'deletion failed'}`);
    return undefined;
  }, signal);
}

function ended(error: unknown, { operation, namespace }: CommitPlan): Error {
  const isLate = error instanceof DOMException && error.name === 'TimeoutError';
  const why = isLate ? 'the deadline (--timeout) passed' : reasonOf(error);
  const message =
    `${why}. What was given up goes as soon as the driver lets it; what wasn't stays parked. To go on:\n` +
    `  kubectl pvsnap commit ${operation} -n ${namespace}`;
  return error instanceof CancelledError ? new CancelledError(message) : new FailedError(message, { cause: error });
}
