/** Who uses claims: what must be stopped before they are swapped, and what can't be stopped for the user. */
import type { Cluster } from '../cluster/cluster.ts';
import type { Pod } from '../cluster/objects.ts';
import * as resources from '../cluster/resources.ts';
import type { Finding } from '../errors.ts';
import { claimNamesInPod, plannedClaimNames } from './claims-of.ts';
import { hasEnded, podsUsing } from './gone.ts';
import type { Workload } from './kinds.ts';
import { workloadOf } from './kinds.ts';
import { compareNatural } from '../cluster/natural-order.ts';
import { controllerOf } from './pods-of.ts';
import { refusalsOfPods, refusalsOfWorkload } from './refusals.ts';
import type { Scalable } from './scale.ts';
import { isScalable } from './scale.ts';

/** A StatefulSet or Deployment that must be stopped. */
export interface WorkloadInUse extends Workload {
  kind: Scalable;
  /** Those of the claims asked about that its pods use, or will use when they start. */
  claims: string[];
  /** Its pods that use them now. */
  pods: string[];
}

export interface Users {
  /** What must be stopped: all have replicas, and none is in the findings. */
  workloads: WorkloadInUse[];
  /** Every other user, by name, with what to do about it. */
  findings: Finding[];
  /** The node of a pod that uses a claim, by the claim's name; absent for claims without such a pod. */
  nodeOf: ReadonlyMap<string, string>;
}

/** Lists pods, StatefulSets, Deployments and ReplicaSets once each; owners of other kinds are known by their pods. */
export async function findUsers(cluster: Cluster, namespace: string, claimNames: ReadonlySet<string>): Promise<Users> {
  const scope = { namespace };
  const [pods, statefulSets, deployments, replicaSets] = await Promise.all([
    cluster.list(resources.pods, scope),
    cluster.list(resources.statefulSets, scope),
    cluster.list(resources.deployments, scope),
    cluster.list(resources.replicaSets, scope),
  ]);
  const owners = ownersByUid([
    ...statefulSets.map((object) => workloadOf('statefulset', object)),
    ...deployments.map((object) => workloadOf('deployment', object)),
    ...replicaSets.map((object) => workloadOf('replicaset', object)),
  ]);
  return usersAmong(owners, podsUsing(pods, claimNames), claimNames);
}

/** By the uid that a pod's controller reference has. A ReplicaSet's is its Deployment's, if there is one. */
function ownersByUid(workloads: readonly Workload[]): Map<string, Workload> {
  const byUid = new Map(workloads.map((workload) => [workload.uid, workload]));
  const owners = workloads.map((workload) => {
    const deployment = workload.kind === 'replicaset' ? byUid.get(controllerOf(workload.object)?.uid ?? '') : undefined;
    return [workload.uid, deployment ?? workload] as const;
  });
  return new Map(owners);
}

function usersAmong(
  owners: ReadonlyMap<string, Workload>,
  pods: readonly Pod[],
  claimNames: ReadonlySet<string>,
): Users {
  const podsByOwner = Map.groupBy(pods, (pod) => owners.get(controllerOf(pod)?.uid ?? ''));
  const users: Users = { workloads: [], findings: [], nodeOf: nodesOf(pods) };
  for (const workload of [...new Set(owners.values())].sort((a, b) => compareNatural(a.name, b.name))) {
    const own = podsByOwner.get(workload) ?? [];
    const claims = claimsUsedBy(workload, own, claimNames);
    // At 0 replicas it is stopped: pods that are left are on their way out.
    if (workload.replicas === 0 || claims.length === 0) continue;
    const findings = refusalsOfWorkload(workload, claims);
    users.findings.push(...findings);
    if (findings.length > 0 || !isScalable(workload.kind)) continue;
    const podNames = own.map((pod) => pod.metadata.name).sort(compareNatural);
    users.workloads.push({ ...workload, kind: workload.kind, claims, pods: podNames });
  }
  for (const [owner, own] of podsByOwner) users.findings.push(...refusalsOfPods(owner, own, claimNames));
  return users;
}

function claimsUsedBy(workload: Workload, pods: readonly Pod[], claimNames: ReadonlySet<string>): string[] {
  const names = new Set([...plannedClaimNames(workload), ...pods.flatMap(claimNamesInPod)]);
  return [...names].filter((name) => claimNames.has(name)).sort(compareNatural);
}

/** A pod that has ended may name a node that is gone: it has its say only where no other pod does. */
function nodesOf(pods: readonly Pod[]): Map<string, string> {
  const endedFirst = [...pods.filter(hasEnded), ...pods.filter((pod) => !hasEnded(pod))];
  const entries = endedFirst.flatMap((pod) => {
    const node = pod.spec?.nodeName ?? '';
    return node === '' ? [] : claimNamesInPod(pod).map((name) => [name, node] as const);
  });
  return new Map(entries);
}
