/** Why a user of a claim can't be stopped by scaling it to 0, and what the person can do about it. */
import type { Pod } from '../cluster/objects.ts';
import type { Finding } from '../errors.ts';
import { claimNamesInPod, ephemeralClaimNames } from './claims-of.ts';
import { hasEnded } from './gone.ts';
import type { Workload } from './kinds.ts';
import { displayName } from './kinds.ts';
import { compareNatural } from '../cluster/natural-order.ts';
import { controllerOf } from './pods-of.ts';

/** Reasons not to scale a StatefulSet, Deployment or ReplicaSet that uses these claims; none when it may be done. */
export function refusalsOfWorkload(workload: Workload, claims: readonly string[]): Finding[] {
  const about = displayName(workload);
  const controller = controllerOf(workload.object);
  if (controller !== undefined) {
    const by = displayName({ kind: controller.kind.toLowerCase(), name: controller.name });
    const problem = `is controlled by ${by} (${controller.apiVersion}), whose operator would start it again`;
    return [{ about, problem, remedy: 'stop its operator, scale it to 0 yourself, then run this again' }];
  }
  if (workload.kind === 'replicaset') {
    const remedy = `kubectl scale ${about} -n ${workload.namespace} --replicas=0, then run this again`;
    return [{ about, problem: `uses ${claims.join(', ')} and belongs to no Deployment`, remedy }];
  }
  return [];
}

/**
 * Reasons why pods that use some of the claims stay, or would take the claims with them.
 * @param owner what scaling to 0 would stop: their StatefulSet, Deployment or ReplicaSet
 */
export function refusalsOfPods(
  owner: Workload | undefined,
  pods: readonly Pod[],
  claimNames: ReadonlySet<string>,
): Finding[] {
  const uses = pods.map((pod) => ({ pod, claims: claimNamesInPod(pod).filter((name) => claimNames.has(name)) }));
  const perPod = uses.flatMap(({ pod }) => goesWithItsPod(pod, claimNames));
  if (owner !== undefined) {
    // A StatefulSet deletes its ended pods itself; a ReplicaSet counts only active ones (FilterActivePods).
    const left = owner.kind === 'statefulset' ? [] : uses.filter(({ pod }) => hasEnded(pod) && !isGoing(pod));
    return [...perPod, ...left.map(staysBehind)];
  }
  const byOwner = Map.groupBy(uses, ({ pod }) => controllerOf(pod)?.uid);
  return [...perPod, ...[...byOwner.values()].flatMap(staysOf)];
}

interface Use {
  pod: Pod;
  /** Those of the claims asked about that it uses. */
  claims: string[];
}

/** Pods of one owner, or of none, that no scaling would end. */
function staysOf(uses: readonly Use[]): Finding[] {
  const [first] = uses;
  const controller = first === undefined ? undefined : controllerOf(first.pod);
  if (controller === undefined) return uses.filter(({ pod }) => !isGoing(pod)).map(staysBehind);
  const { kind, name } = controller;
  const claims = unique(uses.flatMap((use) => use.claims));
  const podNames = unique(uses.map(({ pod }) => pod.metadata.name));
  return [
    {
      about: displayName({ kind: kind.toLowerCase(), name }),
      problem: `uses ${claims.join(', ')} in ${podNames.join(', ')}, and a ${kind} can't be scaled to 0 here`,
      remedy: remedyFor(kind, name, first?.pod.metadata.namespace ?? ''),
    },
  ];
}

function remedyFor(kind: string, name: string, namespace: string): string {
  switch (kind) {
    case 'Job':
      return (
        `wait until it has finished (and suspend its CronJob), then: kubectl delete job ${name} -n ${namespace}; ` +
        'a finished pod still holds its claims'
      );
    case 'DaemonSet':
      return 'stop its pods yourself (with a nodeSelector that no node has), then run this again';
    case 'StatefulSet':
    case 'ReplicaSet':
      return 'it was created or deleted just now: run this again in a moment';
    default:
      return 'stop its operator and its pods yourself, then run this again';
  }
}

/** Says the same of a pod without owner, and of an ended one that its ReplicaSet has forgotten. */
function staysBehind({ pod, claims }: Use): Finding {
  const { name, namespace = '' } = pod.metadata;
  const ended = `has ended (${pod.status?.reason ?? pod.status?.phase ?? ''}) but holds ${claims.join(', ')} until it is deleted`;
  return {
    about: displayName({ kind: 'pod', name }),
    problem: hasEnded(pod) ? ended : `uses ${claims.join(', ')} and belongs to no workload that could be stopped`,
    remedy: `kubectl delete pod ${name} -n ${namespace}, then run this again`,
  };
}

/** The claim of an ephemeral volume is its pod's property: the next pod refuses one that it doesn't own. */
function goesWithItsPod(pod: Pod, claimNames: ReadonlySet<string>): Finding[] {
  return ephemeralClaimNames(pod)
    .filter((claim) => claimNames.has(claim))
    .map((claim) => ({
      about: `pvc/${claim}`,
      problem: `belongs to an ephemeral volume of pod/${pod.metadata.name}, and is deleted together with that pod`,
      remedy: 'leave it out, or restore it to a new claim',
    }));
}

function isGoing(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)].sort(compareNatural);
}
