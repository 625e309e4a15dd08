/**
 * HorizontalPodAutoscalers. One leaves alone what has 0 replicas, unless its own minimum is 0 (k8s.io/kubernetes,
 * pkg/controller/podautoscaler/horizontal.go, reconcileAutoscaler: ScalingDisabled; feature gate HPAScaleToZero).
 */
import { missingRights } from '../cluster/access.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { KubeObject } from '../cluster/objects.ts';
import type { Resource } from '../cluster/resources.ts';
import type { Finding } from '../errors.ts';
import { isClusterError } from '../errors.ts';
import { placeOf } from './keeper.ts';
import type { Owner } from './owner.ts';
import type { ScaleTarget, ScaleTargetRef } from './scale-target.ts';
import { isTarget } from './scale-target.ts';
import { unheld } from './unheld.ts';

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

/** One list. Those whose minimum is 0 are owners, with 1 as their minimum meanwhile; the others are only told of. */
export async function findHorizontalAutoscalers(
  cluster: Cluster,
  namespace: string,
  targets: readonly ScaleTarget[],
): Promise<{ owners: Owner[]; findings: Finding[]; notes: string[] }> {
  const meant = (await listed(cluster, namespace)).filter(
    (one) => !isMadeByKeda(one) && targets.some((target) => isTarget(one.spec.scaleTargetRef, target)),
  );
  const notes = targets.flatMap((target) => meant.flatMap((one) => noteOf(one, target)));
  const fromZero = meant.filter(({ spec }) => spec.minReplicas === 0);
  if (fromZero.length === 0) return { owners: [], findings: [], notes };
  const missing = await missingRights(cluster, [{ verb: 'patch', resource: autoscalers, namespace }]);
  if (missing.length > 0) return { owners: [], findings: fromZero.map(findingOf), notes };
  return { owners: fromZero.map(ownerOf), findings: [], notes };
}

/** An optional read: without the right to it, or without such an API, nothing fails. */
async function listed(cluster: Cluster, namespace: string): Promise<readonly Autoscaler[]> {
  try {
    return (await cluster.list(autoscalers, { namespace })).map(unheld);
  } catch (error) {
    if (isClusterError(error, 'Forbidden') || isClusterError(error, 'NotFound')) return [];
    throw error;
  }
}

/** KEDA deletes and makes it itself. */
function isMadeByKeda({ metadata }: Autoscaler): boolean {
  return metadata.ownerReferences?.some(({ kind }) => kind === 'ScaledObject') === true;
}

function noteOf({ metadata, spec, status }: Autoscaler, target: ScaleTarget): string[] {
  if (!isTarget(spec.scaleTargetRef, target)) return [];
  const { minReplicas: least = 1, maxReplicas: most } = spec;
  const about = `${target.kind.toLowerCase()}/${target.name}`;
  const current = status?.currentReplicas ?? 0;
  const below = current > 0 && current < least ? `; it has ${current} now, so it will get ${least}` : '';
  return [`hpa/${metadata.name} scales ${about} again once it is started (${least} to ${most} replicas)${below}`];
}

function ownerOf({ metadata }: Autoscaler): Owner {
  const { group, version, plural, kind, namespaced } = autoscalers;
  const { namespace, name, uid = '' } = metadata;
  return {
    role: 'autoscaler',
    resource: { group, version, plural, kind, namespaced },
    ...(namespace !== undefined && { namespace }),
    name,
    uid,
    changes: [{ path: ['spec', 'minReplicas'], before: 0, during: 1 }],
    how: 'pause',
  };
}

function findingOf(scaler: Autoscaler): Finding {
  const { name, namespace = '' } = scaler.metadata;
  const problem = 'has 0 as its minimum, so it may start what is stopped, and you may not patch it';
  const command = `kubectl patch hpa ${name} -n ${namespace} --type merge -p '{"spec":{"minReplicas":1}}'`;
  return { about: placeOf(scaler), problem, remedy: `have somebody run: ${command}` };
}
