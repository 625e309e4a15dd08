/** Who changes the replicas of workloads by itself. */
import type { Cluster } from '../cluster/cluster.ts';
import type { Finding } from '../errors.ts';
import { findHorizontalAutoscalers } from './hpa.ts';
import { findScaledObjects } from './keda.ts';
import type { Owner } from './owner.ts';
import type { ScaleTarget } from './scale-target.ts';

/**
 * HorizontalPodAutoscalers and KEDA's ScaledObjects of workloads that are to be stopped. A PodDisruptionBudget has no
 * say in scaling. Both are optional reads: without the right to list them nothing fails.
 * @param targets workloads, and custom resources above them
 * @returns owners to be held; a finding for each that would start the workload and may not be changed
 * @throws ClusterError when the server doesn't answer
 */
export async function findAutoscalers(
  cluster: Cluster,
  namespace: string,
  targets: readonly ScaleTarget[],
): Promise<{ owners: Owner[]; findings: Finding[]; notes: string[] }> {
  if (targets.length === 0) return { owners: [], findings: [], notes: [] };
  const found = await Promise.all([
    findHorizontalAutoscalers(cluster, namespace, targets),
    findScaledObjects(cluster, namespace, targets),
  ]);
  return {
    owners: found.flatMap(({ owners }) => owners),
    findings: found.flatMap(({ findings }) => findings),
    notes: found.flatMap(({ notes }) => notes),
  };
}
