/** Stops and starts a workload by its replicas. */
import type { Cluster } from '../cluster/cluster.ts';
import type { Scale } from '../cluster/objects.ts';
import { pathOf } from '../cluster/resources.ts';
import type { Workload, WorkloadKind } from './kinds.ts';
import { displayName, resourceOf } from './kinds.ts';

/** The kinds that are stopped by scaling them to 0. */
export type Scalable = Extract<WorkloadKind, 'statefulset' | 'deployment'>;

export function isScalable(kind: WorkloadKind): kind is Scalable {
  return kind === 'statefulset' || kind === 'deployment';
}

/**
 * Sets the wanted replicas through the scale subresource; nothing is written when they are so already.
 * Returns once the server has stored it: pods come and go later (untilObserved, untilNoPodUses, untilReady).
 * @throws TypeError for a kind that isn't Scalable; ClusterError, NotFound when the workload is gone
 */
export async function scaleTo(
  cluster: Cluster,
  workload: Pick<Workload, 'kind' | 'name' | 'namespace'>,
  replicas: number,
  options: { dryRun?: boolean } = {},
): Promise<void> {
  if (!isScalable(workload.kind)) throw new TypeError(`${displayName(workload)} can't be scaled`);
  const resource = resourceOf(workload.kind);
  const path = pathOf(resource, workload.namespace, workload.name, 'scale');
  const scale = (await cluster.ask({ method: 'GET', path })) as Scale;
  // Go leaves a 0 out of the JSON.
  if ((scale.spec.replicas ?? 0) === replicas) return;
  await cluster.patch(resource, workload, { spec: { replicas } }, { ...options, subresource: 'scale' });
}
