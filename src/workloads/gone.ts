/** Which pods keep a stopped workload's claims in use. */
import type { Pod } from '../cluster/objects.ts';
import { claimNamesInPod, ephemeralClaimNames } from './claims-of.ts';
import { compareNatural } from '../cluster/natural-order.ts';

/** A pod that still uses a claim. */
export interface RemainingPod {
  pod: string;
  phase: string;
  /** When its end was asked for, RFC 3339; absent while nobody has. */
  since?: string;
  /** How long it may take to end by itself. */
  graceSeconds?: number;
}

/** The pods that use any of the claims, in the order of their names. Says nothing about pods still to come. */
export function remainingPods(pods: Iterable<Pod>, claimNames: ReadonlySet<string>): RemainingPod[] {
  return podsUsing(pods, claimNames)
    .map(remainingPod)
    .sort((a, b) => compareNatural(a.pod, b.pod));
}

/**
 * The pods that use any of the claims: running, starting, ending, and also ended.
 *
 * Follows podUsesPVCForDeletion in pkg/controller/volume/pvcprotection of Kubernetes 1.36, which holds a claim as long
 * as a pod that was given a node mentions it, even one that is Succeeded or Failed; an ephemeral volume counts until
 * the kubelet is done with its pod. Stricter in one point: a pod without a node counts too while it may still get one.
 */
export function podsUsing(pods: Iterable<Pod>, claimNames: ReadonlySet<string>): Pod[] {
  return [...pods].filter((pod) => {
    if (hasEnded(pod) && !isScheduled(pod)) return false;
    const released = new Set(isShutDown(pod) ? ephemeralClaimNames(pod) : []);
    return claimNamesInPod(pod).some((name) => claimNames.has(name) && !released.has(name));
  });
}

/** Succeeded or Failed: it never runs again. */
export function hasEnded(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

function isScheduled(pod: Pod): boolean {
  return (pod.spec?.nodeName ?? '') !== '';
}

/** The kubelet is done with it, or it was deleted by force (podIsShutDown there). */
function isShutDown({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined && metadata.deletionGracePeriodSeconds === 0;
}

function remainingPod({ metadata, status }: Pod): RemainingPod {
  const { deletionTimestamp, deletionGracePeriodSeconds: graceSeconds } = metadata;
  const remaining: RemainingPod = { pod: metadata.name, phase: status?.phase ?? 'Unknown' };
  if (deletionTimestamp === undefined) return remaining;
  // The API server writes there when the grace period will be over, not when it began.
  const sinceMs = Date.parse(deletionTimestamp) - (graceSeconds ?? 0) * 1000;
  return { ...remaining, since: new Date(sinceMs).toISOString(), ...(graceSeconds !== undefined && { graceSeconds }) };
}
