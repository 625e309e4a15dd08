/** Stops and starts a workload by its replicas. */
import type { Cluster } from '../cluster/cluster.ts';
import type { Scale } from '../cluster/objects.ts';
import type { Resource } from '../cluster/resources.ts';
import { pathOf } from '../cluster/resources.ts';
import { displayName, isWorkloadKind, resourceOf } from './kinds.ts';

/** What the scale subresource has to know of. */
interface Scaled {
  kind: string;
  name: string;
  namespace: string;
}

/** The kinds that have one. */
const scalable: ReadonlySet<string> = new Set([
  'statefulset',
  'deployment',
  'replicaset',
  'replicationcontroller',
  'deploymentconfig',
]);

export function isScalable(kind: string): boolean {
  return scalable.has(kind);
}

/**
 * Sets the wanted replicas through the scale subresource; nothing is written when they are so already.
 * Returns once the server has stored it: pods come and go later (stopAll, untilReady).
 * @throws TypeError for a kind that can't be scaled; ClusterError, NotFound when the workload is gone
 */
export async function scaleTo(
  cluster: Cluster,
  workload: Scaled,
  replicas: number,
  options: { dryRun?: boolean } = {},
): Promise<void> {
  if ((await replicasOf(cluster, workload)) !== replicas) await write(cluster, workload, replicas, options);
}

/** Gives it its replicas back. Where it has some, somebody has scaled it since the stop, and meant it. */
export async function startByScale(cluster: Cluster, workload: Scaled & { replicas: number }): Promise<void> {
  const { replicas } = workload;
  if (replicas > 0 && (await replicasOf(cluster, workload)) === 0) await write(cluster, workload, replicas, {});
}

async function replicasOf(cluster: Cluster, workload: Scaled): Promise<number> {
  const path = pathOf(resourceFor(workload), workload.namespace, workload.name, 'scale');
  const scale = (await cluster.ask({ method: 'GET', path })) as Scale;
  // Go leaves a 0 out of the JSON.
  return scale.spec.replicas ?? 0;
}

async function write(
  cluster: Cluster,
  workload: Scaled,
  replicas: number,
  options: { dryRun?: boolean },
): Promise<void> {
  await cluster.patch(resourceFor(workload), workload, { spec: { replicas } }, { ...options, subresource: 'scale' });
}

function resourceFor(workload: Scaled): Resource {
  if (isScalable(workload.kind) && isWorkloadKind(workload.kind)) return resourceOf(workload.kind);
  throw new TypeError(`${displayName(workload)} can't be scaled`);
}
