/** What an operation that goes on, or back, has to stop and to start: time has passed since its plan was made. */
import type { Cluster } from '../../cluster/cluster.ts';
import type { Finding } from '../../errors.ts';
import { displayName } from '../../workloads/kinds.ts';
import type { Owner } from '../../workloads/owner.ts';
import type { StopChoices } from '../../workloads/stop-choices.ts';
import { findUsers } from '../../workloads/users.ts';
import type { PlanWorkload } from '../plan.ts';
import { workloadOf } from '../plan-workload.ts';
import type { Recorded } from '../records.ts';
import { carriedChoices } from './carried-choices.ts';
import { stoppedBefore, stoppedUnrecorded } from './stopped-before.ts';

export interface ObservedWorkloads {
  workloads: PlanWorkload[];
  owners: Owner[];
  choices: StopChoices;
  findings: Finding[];
  notes: string[];
}

interface Before {
  /** The operation that goes on, or back. */
  operation: string;
  /** undefined: it is gone. */
  recorded: Recorded | undefined;
  /** What the person says of stopping now; undefined: what was said before holds. */
  said: StopChoices | undefined;
}

/**
 * Those that use the claims now, and those that an interrupted run had begun to stop, with the replicas of before. One that is gone has nothing to be started.
 */
export async function observeWorkloads(
  cluster: Cluster,
  namespace: string,
  claims: ReadonlySet<string>,
  { operation, recorded, said }: Before,
): Promise<ObservedWorkloads> {
  const before = await (recorded === undefined
    ? stoppedUnrecorded(cluster, namespace, operation)
    : stoppedBefore(cluster, recorded));
  const choices = said ?? carriedChoices(recorded?.plan, before.owners);
  const users = await findUsers(cluster, namespace, claims, choices);
  const present = users.workloads.map((workload) => asBefore(workloadOf(workload, choices), before.workloads));
  return {
    workloads: [...present, ...without(present, before.workloads)],
    owners: [...before.owners, ...without(before.owners, users.owners)],
    choices,
    findings: users.findings,
    notes: [...users.notes, ...before.notes],
  };
}

/**
 * Somebody may have started one pod to have a look: it gets as many as it had. Nothing else is taken from a record for
 * what is there to be seen.
 */
export function asBefore(now: PlanWorkload, before: readonly PlanWorkload[]): PlanWorkload {
  const same = before.find(({ uid, kind, name, how }) => {
    return uid === now.uid && displayName({ kind, name }) === displayName(now) && how === now.how;
  });
  if (same === undefined) return now;
  const { replicas, stoppedGeneration } = same;
  return { ...now, replicas, ...(stoppedGeneration !== undefined && { stoppedGeneration }) };
}

/** Those of `others` that aren't among the first. */
export function without<T extends { uid: string }>(first: readonly T[], others: readonly T[]): T[] {
  const known = new Set(first.map(({ uid }) => uid));
  return others.filter(({ uid }) => !known.has(uid));
}
