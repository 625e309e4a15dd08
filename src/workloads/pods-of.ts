/** Which pods belong to a workload. */
import type { Deployment, KubeObject, ObjectMeta, Pod } from '../cluster/objects.ts';
import type { Workload } from './kinds.ts';
import { matchesSelector } from './selector.ts';

type OwnerReference = NonNullable<ObjectMeta['ownerReferences']>[number];

/** The one owner that manages an object; undefined when nobody does. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.controller === true);
}

/** The pods of a workload, from those of its namespace. A pod as a workload is its own. */
export function podsOf(workload: Pick<Workload, 'kind' | 'uid' | 'object'>, pods: Iterable<Pod>): Pod[] {
  if (workload.kind === 'pod') return [workload.object as Pod];
  if (workload.kind === 'deployment') return podsOfDeployment(workload.object as Deployment, pods);
  return [...pods].filter((pod) => controllerOf(pod)?.uid === workload.uid);
}

/**
 * Between a Deployment and its pods stands a ReplicaSet. Those that the Deployment made are called
 * `<deployment>-<pod-template-hash>` (pkg/controller/deployment/sync.go, getNewReplicaSet), so the pod alone tells
 * whose it is, and ReplicaSets need not be listed. A ReplicaSet that was adopted keeps its own name: when no pod fits
 * by name, the selector decides. It comes second because two Deployments with the same labels run side by side.
 */
function podsOfDeployment(deployment: Deployment, pods: Iterable<Pod>): Pod[] {
  const selector = deployment.spec?.selector ?? {};
  const selected = [...pods].filter(
    (pod) => controllerOf(pod)?.kind === 'ReplicaSet' && matchesSelector(selector, pod.metadata.labels),
  );
  const named = selected.filter((pod) => deploymentNameOf(pod) === deployment.metadata.name);
  return named.length > 0 ? named : selected;
}

function deploymentNameOf(pod: Pod): string | undefined {
  const ending = `-${pod.metadata.labels?.['pod-template-hash'] ?? ''}`;
  const name = controllerOf(pod)?.name;
  return name?.endsWith(ending) === true ? name.slice(0, -ending.length) : undefined;
}
