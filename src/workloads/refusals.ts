/** Why a pod that uses a claim would stay when everything is stopped, and what the person can do about it. */
import type { Pod } from '../cluster/objects.ts';
import type { Finding } from '../errors.ts';
import { claimNamesInPod, ephemeralClaimNames } from './claims-of.ts';
import { hasEnded } from './gone.ts';
import type { Workload } from './kinds.ts';
import { displayName } from './kinds.ts';
import { compareNatural } from '../cluster/natural-order.ts';
import { parentOf } from './pods-of.ts';

/**
 * Reasons why pods that use some of the claims stay, or would take the claims with them.
 * @param owner the workload that is stopped; undefined for pods of none
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
  const byOwner = Map.groupBy(uses, ({ pod }) => parentOf(pod)?.uid);
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
  const controller = first === undefined ? undefined : parentOf(first.pod);
  if (controller === undefined) return uses.filter(({ pod }) => !isGoing(pod)).map(staysBehind);
  const { kind, name } = controller;
  const claims = unique(uses.flatMap((use) => use.claims));
  const podNames = unique(uses.map(({ pod }) => pod.metadata.name));
  return [
    {
      about: displayName({ kind: kind.toLowerCase(), name }),
      problem: `uses ${claims.join(', ')} in ${podNames.join(', ')}, and ${kind === 'Job' ? 'has finished' : 'is not there'}`,
      remedy: remedyFor(kind, name, first?.pod.metadata.namespace ?? ''),
    },
  ];
}

function remedyFor(kind: string, name: string, namespace: string): string {
  return kind === 'Job'
    ? `kubectl delete job ${name} -n ${namespace}; a finished pod still holds its claims`
    : 'it was created or deleted just now, or you may not list its kind: run this again in a moment';
}

/** Says the same of a pod without owner, and of an ended one that its ReplicaSet has forgotten. */
function staysBehind({ pod, claims }: Use): Finding {
  const { name, namespace = '' } = pod.metadata;
  const ended = `has ended (${pod.status?.reason ?? pod.status?.phase ?? ''}) but holds ${claims.join(', ')} until it is deleted`;
  return {
    about: displayName({ kind: 'pod', name }),
    problem: hasEnded(pod) ? ended : `uses ${claims.join(', ')} and belongs to no workload that could be stopped`,
    remedy: hasEnded(pod)
      ? `kubectl delete pod ${name} -n ${namespace}, then run this again`
      : '--delete-bare-pods deletes it, and makes it again from its manifest',
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
