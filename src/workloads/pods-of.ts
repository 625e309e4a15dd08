/** Which pods belong to a workload. */
import type { Deployment, KubeObject, ObjectMeta, Pod } from '../cluster/objects.ts';
import type { Workload } from './kinds.ts';
import { matchesSelector } from './selector.ts';

type OwnerReference = NonNullable<ObjectMeta['ownerReferences']>[number];

/** The one owner that manages an object; undefined when nobody does. */
function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.controller === true);
}

/**
 * The owner that would make the object again: its controller. Some operators (Strimzi for one) don't set the mark of a
 * controller: then the only owner, if it isn't the node of a static pod.
 */
export function parentOf(object: KubeObject): OwnerReference | undefined {
  const owners = object.metadata.ownerReferences ?? [];
  const [only] = owners;
  return controllerOf(object) ?? (owners.length === 1 && only?.kind !== 'Node' ? only : undefined);
}

/** The uid alone may have been written next to another's name. */
export function isOwnedBy(
  { metadata }: KubeObject,
  { kind, name, uid }: { kind: string; name: string; uid: string },
): boolean {
  return (
    metadata.ownerReferences?.some(
      (owner) => owner.uid === uid && owner.name === name && owner.kind.toLowerCase() === kind,
    ) === true
  );
}

/** The pods of a workload, from those of its namespace. A pod as a workload is its own. */
export function podsOf(
  workload: Pick<Workload, 'uid'> & { kind: string; object: KubeObject },
  pods: Iterable<Pod>,
): Pod[] {
  if (workload.kind === 'pod') return [workload.object];
  if (workload.kind === 'deployment') return podsOfDeployment(workload.object, pods);
  if (workload.kind === 'deploymentconfig') return podsOfConfig(workload.object.metadata.name, pods);
  return [...pods].filter((pod) => parentOf(pod)?.uid === workload.uid);
}

/**
 * Those that belong to something of this kind and name, whatever its uid: what an operator has made again is another
 * object, such as the VirtualMachineInstance of a VirtualMachine.
 */
export function podsNamedAs({ kind, name }: { kind: string; name: string }, pods: Iterable<Pod>): Pod[] {
  return [...pods].filter((pod) => {
    const parent = parentOf(pod);
    return parent?.name === name && parent.kind.toLowerCase() === kind;
  });
}

/** The annotation that OpenShift's deployer puts on every pod (DeploymentConfigAnnotation in openshift/api apps/v1). */
function podsOfConfig(name: string, pods: Iterable<Pod>): Pod[] {
  return [...pods].filter(({ metadata }) => metadata.annotations?.['openshift.io/deployment-config.name'] === name);
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
