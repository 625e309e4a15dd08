/** Who uses claims: what must be stopped before they are swapped, and what can't be stopped for the user. */
import type { Cluster, Scope } from '../cluster/cluster.ts';
import type { CronJob, KubeObject, Pod } from '../cluster/objects.ts';
import type { Resource } from '../cluster/resources.ts';
import * as resources from '../cluster/resources.ts';
import { ClusterError } from '../errors.ts';
import type { Finding } from '../errors.ts';
import { manifestOfPod } from './bare-pod.ts';
import { claimNamesInPod, plannedClaimNames } from './claims-of.ts';
import { findOwners } from './find-owners.ts';
import { hasEnded, podsUsing } from './gone.ts';
import type { Workload } from './kinds.ts';
import { workloadOf } from './kinds.ts';
import { compareNatural } from '../cluster/natural-order.ts';
import type { Owner } from './owner.ts';
import { parentOf } from './pods-of.ts';
import { refusalsOfPods } from './refusals.ts';
import type { StopChoices } from './stop-choices.ts';
import { noChoices } from './stop-choices.ts';
import type { Stoppable } from './stop-ways.ts';
import { wayOf } from './stop-ways.ts';
import { hasFinished } from './stopped.ts';

/** Something that must be stopped so that no pod uses the claims. */
export interface WorkloadInUse extends Stoppable {
  object: KubeObject;
  /** Those of the claims asked about that its pods use, or will use when they start. */
  claims: string[];
  /** Its pods that use them now, each with those that it uses. */
  pods: { name: string; claims: string[] }[];
  /** Who stands above it, the root first, such as `kafka/my-cluster`. */
  under: string[];
}

export interface Users {
  /** What must be stopped: all have replicas, and none is in the findings. */
  workloads: WorkloadInUse[];
  /** Who would start them again. */
  owners: Owner[];
  /** Every other user, by name, with what to do about it. */
  findings: Finding[];
  notes: string[];
  /** The node of a pod that uses a claim, by the claim's name; absent for claims without such a pod. */
  nodeOf: ReadonlyMap<string, string>;
}

/** Lists pods and each kind of workload once; what stands above them is asked for by name. */
export async function findUsers(
  cluster: Cluster,
  namespace: string,
  claimNames: ReadonlySet<string>,
  choices: StopChoices = noChoices,
): Promise<Users> {
  const seen = await listAll(cluster, { namespace });
  const { workloads, findings } = usersAmong(seen, podsUsing(seen.pods, claimNames), claimNames, choices);
  const found = await findOwners(cluster, namespace, {
    workloads,
    cronJobs: seen.cronJobs.filter((cronJob) => usesAny(cronJob, claimNames)),
    choices,
  });
  return {
    workloads: found.workloads,
    owners: found.owners,
    findings: [...findings, ...found.findings],
    notes: [...seen.notes, ...found.notes],
    nodeOf: nodesOf(podsUsing(seen.pods, claimNames)),
  };
}

interface Seen {
  pods: Pod[];
  /** Without those that a Deployment or DeploymentConfig stands above. */
  workloads: Workload[];
  /** By the uid that a pod's parent reference has. */
  ownerOf: ReadonlyMap<string, Workload>;
  cronJobs: CronJob[];
  notes: string[];
}

async function listAll(cluster: Cluster, scope: Scope): Promise<Seen> {
  const notes: string[] = [];
  // The pods of these tell of them too: without the right to list them, only what has no pod now can be missed.
  const listAllowed = async <T extends KubeObject>(resource: Resource<T>): Promise<T[]> => {
    try {
      return await cluster.list(resource, scope);
    } catch (error) {
      if (!(error instanceof ClusterError && error.status === 403)) throw error;
      notes.push(`You may not list ${resource.plural}: one that has no pod now, and may start one, is not seen.`);
      return [];
    }
  };
  const [pods, statefulSets, deployments, replicaSets, daemonSets, controllers, jobs, cronJobs] = await Promise.all([
    cluster.list(resources.pods, scope),
    cluster.list(resources.statefulSets, scope),
    cluster.list(resources.deployments, scope),
    cluster.list(resources.replicaSets, scope),
    listAllowed(resources.daemonSets),
    listAllowed(resources.replicationControllers),
    listAllowed(resources.jobs),
    listAllowed(resources.cronJobs),
  ]);
  // Only OpenShift has them, and only they own ReplicationControllers.
  const hasConfigs = controllers.some((controller) => parentOf(controller)?.kind === 'DeploymentConfig');
  const configs = hasConfigs ? await listAllowed(resources.deploymentConfigs) : [];
  const all = [
    ...statefulSets.map((object) => workloadOf('statefulset', object)),
    ...deployments.map((object) => workloadOf('deployment', object)),
    ...replicaSets.map((object) => workloadOf('replicaset', object)),
    ...daemonSets.map((object) => workloadOf('daemonset', object)),
    ...controllers.map((object) => workloadOf('replicationcontroller', object)),
    ...jobs.filter((job) => !hasFinished(job)).map((object) => workloadOf('job', object)),
    ...configs.map((object) => workloadOf('deploymentconfig', object)),
  ];
  const ownerOf = ownersByUid(all);
  // The same for the same cluster, whichever answer came first.
  return { pods, workloads: [...new Set(ownerOf.values())], ownerOf, cronJobs, notes: notes.sort() };
}

/** A ReplicaSet's is its Deployment's, if there is one, and a ReplicationController's its DeploymentConfig's. */
function ownersByUid(workloads: readonly Workload[]): Map<string, Workload> {
  const byUid = new Map(workloads.map((workload) => [workload.uid, workload]));
  const owners = workloads.map((workload) => {
    const isBetween = workload.kind === 'replicaset' || workload.kind === 'replicationcontroller';
    const above = isBetween ? byUid.get(parentOf(workload.object)?.uid ?? '') : undefined;
    return [workload.uid, above ?? workload] as const;
  });
  return new Map(owners);
}

function usersAmong(
  { ownerOf, workloads }: Seen,
  pods: readonly Pod[],
  claimNames: ReadonlySet<string>,
  choices: StopChoices,
): Pick<Users, 'workloads' | 'findings'> {
  const podsByOwner = Map.groupBy(pods, (pod) => ownerOf.get(parentOf(pod)?.uid ?? ''));
  const users: Pick<Users, 'workloads' | 'findings'> = { workloads: [], findings: [] };
  for (const workload of workloads.toSorted((a, b) => compareNatural(a.name, b.name))) {
    const own = podsByOwner.get(workload) ?? [];
    const claims = claimsUsedBy(workload, own, claimNames);
    // At 0 replicas it is stopped: pods that are left are on their way out.
    if (workload.replicas === 0 || claims.length === 0) continue;
    users.workloads.push({
      ...workload,
      how: wayOf(workload.kind),
      claims,
      pods: podsWithClaims(own, claimNames),
      under: [],
    });
  }
  for (const [owner, own] of podsByOwner) {
    const others = owner === undefined ? own.filter((pod) => !isMeant(pod, choices)) : own;
    users.findings.push(...refusalsOfPods(owner, others, claimNames));
    if (owner === undefined) users.workloads.push(...withoutWorkload(own, claimNames, choices));
  }
  return users;
}

/** Pods that a custom resource owns, and pods of nobody that the person agrees to delete. */
function withoutWorkload(pods: readonly Pod[], claimNames: ReadonlySet<string>, choices: StopChoices): WorkloadInUse[] {
  const byParent = Map.groupBy(
    pods.filter((pod) => isMeant(pod, choices)),
    (pod) => parentOf(pod)?.uid ?? pod.metadata.uid ?? '',
  );
  return [...byParent].flatMap(([uid, own]): WorkloadInUse[] => {
    const [pod] = own;
    if (pod === undefined) return [];
    const { name, namespace = '' } = pod.metadata;
    const parent = parentOf(pod);
    const shared = {
      namespace,
      uid,
      object: pod,
      claims: usedBy(own, claimNames),
      pods: podsWithClaims(own, claimNames),
      under: [],
    };
    if (parent === undefined)
      return [{ ...shared, kind: 'pod', name, replicas: 1, how: 'remake' as const, manifest: manifestOfPod(pod) }];
    const isAlive = (one: Pod): boolean => !hasEnded(one);
    return [
      {
        ...shared,
        kind: parent.kind.toLowerCase(),
        name: parent.name,
        replicas: own.filter(isAlive).length,
        how: 'delete' as const,
      },
    ];
  });
}

const builtIn = new Set(['StatefulSet', 'ReplicaSet', 'ReplicationController', 'DaemonSet', 'Job']);

/** What a kind of Kubernetes' own that isn't there any more has left behind is refused. */
function isMeant(pod: Pod, { deleteBarePods }: StopChoices): boolean {
  const parent = parentOf(pod);
  if (parent !== undefined) return !builtIn.has(parent.kind);
  return deleteBarePods && !hasEnded(pod) && pod.metadata.deletionTimestamp === undefined;
}

function claimsUsedBy(workload: Workload, pods: readonly Pod[], claimNames: ReadonlySet<string>): string[] {
  const names = new Set([...plannedClaimNames(workload), ...pods.flatMap(claimNamesInPod)]);
  return [...names].filter((name) => claimNames.has(name)).sort(compareNatural);
}

function usedBy(pods: readonly Pod[], claimNames: ReadonlySet<string>): string[] {
  return [...new Set(pods.flatMap(claimNamesInPod))].filter((name) => claimNames.has(name)).sort(compareNatural);
}

function podsWithClaims(pods: readonly Pod[], claimNames: ReadonlySet<string>): WorkloadInUse['pods'] {
  return pods
    .map((pod) => ({ name: pod.metadata.name, claims: usedBy([pod], claimNames) }))
    .sort((a, b) => compareNatural(a.name, b.name));
}

/** Its next pod may come at any moment. */
function usesAny({ spec }: CronJob, claimNames: ReadonlySet<string>): boolean {
  const volumes = spec.jobTemplate.spec?.template.spec?.volumes ?? [];
  return volumes.some(({ persistentVolumeClaim }) => claimNames.has(persistentVolumeClaim?.claimName ?? ''));
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
