/** Who changes the replicas of workloads by itself: HorizontalPodAutoscalers and KEDA's ScaledObjects. */
import type { Cluster } from '../cluster/cluster.ts';
import type { KubeObject } from '../cluster/objects.ts';
import type { Resource } from '../cluster/resources.ts';
import type { Finding } from '../errors.ts';
import { isClusterError } from '../errors.ts';
import { findScaledObjects } from './keda.ts';
import type { Owner } from './owner.ts';
import type { ScaleTarget, ScaleTargetRef } from './scale-target.ts';
import { isTarget } from './scale-target.ts';

interface Autoscaler extends KubeObject {
  spec: { scaleTargetRef: ScaleTargetRef; minReplicas?: number; maxReplicas: number };
  status?: { currentReplicas?: number };
}

const autoscalers: Resource<Autoscaler> = {
  group: 'autoscaling',
  version: 'v2',
  plural: 'horizontalpodautoscalers',
  singular: 'horizontalpodautoscaler',
  kind: 'HorizontalPodAutoscaler',
  shortNames: ['hpa'],
  namespaced: true,
};

/**
 * A HorizontalPodAutoscaler is only told of: it leaves alone what has 0 replicas
 * (k8s.io/kubernetes, pkg/controller/podautoscaler/horizontal.go, reconcileAutoscaler: ScalingDisabled). KEDA starts
 * workloads from 0, so its ScaledObjects are owners to be held. A PodDisruptionBudget has no say in scaling.
 *
 * Both are optional reads: without the right to list them nothing fails.
 * @param targets workloads to be stopped, and custom resources above them
 */
export async function findAutoscalers(
  cluster: Cluster,
  namespace: string,
  targets: readonly ScaleTarget[],
): Promise<{ owners: Owner[]; findings: Finding[]; notes: string[] }> {
  if (targets.length === 0) return { owners: [], findings: [], notes: [] };
  const [scalers, keda] = await Promise.all([
    listed(cluster, namespace),
    findScaledObjects(cluster, namespace, targets),
  ]);
  const notes = targets.flatMap((target) => scalers.flatMap((scaler) => noteOf(scaler, target)));
  return { ...keda, notes: [...notes, ...keda.notes] };
}

async function listed(cluster: Cluster, namespace: string): Promise<readonly Autoscaler[]> {
  try {
    return await cluster.list(autoscalers, { namespace });
  } catch (error) {
    if (isClusterError(error, 'Forbidden') || isClusterError(error, 'NotFound')) return [];
    throw error;
  }
}

/** Nothing of one that a ScaledObject owns: KEDA deletes and makes it itself. */
function noteOf({ metadata, spec, status }: Autoscaler, target: ScaleTarget): string[] {
  const isKedas = metadata.ownerReferences?.some(({ kind }) => kind === 'ScaledObject') === true;
  if (isKedas || !isTarget(spec.scaleTargetRef, target)) return [];
  const { minReplicas: least = 1, maxReplicas: most } = spec;
  const about = `${target.kind.toLowerCase()}/${target.name}`;
  const current = status?.currentReplicas ?? 0;
  const below = current > 0 && current < least ? `; it has ${current} now, so it will get ${least}` : '';
  return [`hpa/${metadata.name} scales ${about} again once it is started (${least} to ${most} replicas)${below}`];
}
