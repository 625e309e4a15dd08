/** Each way to stop a workload, and to start it again. All look first, and do nothing when it is so already. */
import type { Cluster } from '../cluster/cluster.ts';
import { onFreshObject } from '../cluster/conflict.ts';
import { createOnce } from '../cluster/create-once.ts';
import type { DaemonSet, Job, KubeObject, Pod } from '../cluster/objects.ts';
import { daemonSets, jobs, pods } from '../cluster/resources.ts';
import { isClusterError } from '../errors.ts';
import type { WorkloadKind } from './kinds.ts';
import { isOwnedBy } from './pods-of.ts';
import { scaleTo, startByScale } from './scale.ts';

/**
 * scale: to 0 replicas. suspend: a Job ends its pods. unschedule: a DaemonSet asks for a node that there isn't.
 * remake: a pod of nobody is deleted, and made again from its manifest. delete: pods that an operator makes again are
 * deleted while it is stopped. wait: an owner above ends its pods and starts them.
 */
export const stopWays = ['scale', 'suspend', 'unschedule', 'remake', 'delete', 'wait'] as const;
export type StopWay = (typeof stopWays)[number];

export interface Stoppable {
  /** In lower case; of a custom resource too. */
  kind: string;
  name: string;
  namespace: string;
  uid: string;
  replicas: number;
  /** Absent: scale. */
  how?: StopWay;
  /** Of a pod that is to be made again. */
  manifest?: KubeObject;
}

/** A key that no node has as a label. Its value is the operation's name. */
const unscheduleKey = 'pvsnap.io/stopped-for';

const waysByKind: Partial<Record<WorkloadKind, StopWay>> = {
  job: 'suspend',
  daemonset: 'unschedule',
  pod: 'remake',
};

/** How a workload that nothing above stops is stopped. */
export function wayOf(kind: WorkloadKind): StopWay {
  return waysByKind[kind] ?? 'scale';
}

/** Returns once the server has stored it: its pods go later. */
export async function stopWorkload(cluster: Cluster, workload: Stoppable, operation: string): Promise<void> {
  switch (workload.how ?? 'scale') {
    case 'scale':
      return scaleTo(cluster, workload, 0);
    case 'suspend':
      return suspend(cluster, workload, true);
    case 'unschedule':
      return unschedule(cluster, workload, operation);
    case 'remake':
      return deletePod(cluster, workload, workload.uid);
    case 'delete':
      return deletePodsOf(cluster, workload);
    case 'wait':
  }
}

/** Puts back what the stop has changed, unless somebody else has changed it since. */
export async function startWorkload(cluster: Cluster, workload: Stoppable): Promise<void> {
  switch (workload.how ?? 'scale') {
    case 'scale':
      return startByScale(cluster, workload);
    case 'suspend':
      return workload.replicas === 0 ? undefined : suspend(cluster, workload, false);
    case 'unschedule':
      return unschedule(cluster, workload, null);
    case 'remake':
      return remake(cluster, workload);
    case 'delete':
    case 'wait':
  }
}

/** Whether a DaemonSet asks for a node that there isn't. */
export function isUnscheduled({ spec }: DaemonSet): boolean {
  return spec?.template.spec?.nodeSelector?.[unscheduleKey] !== undefined;
}

function suspend(cluster: Cluster, { name, namespace, uid }: Stoppable, isSuspended: boolean): Promise<void> {
  return onFreshObject(async () => {
    const job: Job | undefined = await cluster.find(jobs, name, namespace);
    if (job?.metadata.uid !== uid || (job.spec?.suspend ?? false) === isSuspended) return;
    const { resourceVersion } = job.metadata;
    await cluster.patch(jobs, job.metadata, { metadata: { resourceVersion }, spec: { suspend: isSuspended } });
  });
}

function unschedule(cluster: Cluster, { name, namespace, uid }: Stoppable, value: string | null): Promise<void> {
  return onFreshObject(async () => {
    const daemonSet: DaemonSet | undefined = await cluster.find(daemonSets, name, namespace);
    if (daemonSet?.metadata.uid !== uid || isUnscheduled(daemonSet) === (value !== null)) return;
    const { resourceVersion } = daemonSet.metadata;
    await cluster.patch(daemonSets, daemonSet.metadata, {
      metadata: { resourceVersion },
      spec: { template: { spec: { nodeSelector: { [unscheduleKey]: value } } } },
    });
  });
}

async function deletePodsOf(cluster: Cluster, workload: Stoppable): Promise<void> {
  const { namespace } = workload;
  const all = await cluster.list(pods, { namespace });
  const own = all.filter((pod) => isOwnedBy(pod, workload) && pod.metadata.deletionTimestamp === undefined);
  await Promise.all(
    own.map(({ metadata }) => deletePod(cluster, { name: metadata.name, namespace }, metadata.uid ?? '')),
  );
}

async function deletePod(
  cluster: Cluster,
  { name, namespace }: Pick<Stoppable, 'name' | 'namespace'>,
  uid: string,
): Promise<void> {
  try {
    await cluster.delete(pods, { name, namespace }, { uid });
  } catch (error) {
    // Another one of that name is somebody else's.
    if (!isClusterError(error, 'NotFound') && !isClusterError(error, 'Conflict')) throw error;
  }
}

/** Whatever pod of that name is there is taken for it: made again by an earlier run, or by a person. */
async function remake(cluster: Cluster, { name, namespace, manifest }: Stoppable): Promise<void> {
  if (manifest === undefined || (await cluster.find(pods, name, namespace)) !== undefined) return;
  const metadata = { ...manifest.metadata, name, namespace };
  await createOnce(cluster, pods, { ...(manifest as Pod), metadata }, () => true);
}
