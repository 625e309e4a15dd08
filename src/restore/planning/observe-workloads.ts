/** What an operation that goes on, or back, has to stop and to start: time has passed since its plan was made. */
import type { Cluster } from '../../cluster/cluster.ts';
import type { Finding } from '../../errors.ts';
import { displayName, resourceOf } from '../../workloads/kinds.ts';
import { findUsers } from '../../workloads/users.ts';
import type { PlanWorkload } from '../plan.ts';
import type { Recorded } from '../records.ts';
import { isUntouched } from '../untouched.ts';
import { workloadOf } from './make-plan.ts';

export interface ObservedWorkloads {
  workloads: PlanWorkload[];
  findings: Finding[];
  notes: string[];
}

/**
 * Those that use the claims now, and those that an interrupted run had begun to stop, with the replicas of before. One that is gone has nothing to be started.
 */
export async function observeWorkloads(
  cluster: Cluster,
  namespace: string,
  claims: ReadonlySet<string>,
  recorded: Recorded | undefined,
): Promise<ObservedWorkloads> {
  const users = await findUsers(cluster, namespace, claims);
  const isInterrupted = recorded !== undefined && recorded.phase !== 'completed' && !isUntouched(recorded);
  const stopped = isInterrupted ? recorded.plan.workloads : [];
  // Somebody may have started one pod to have a look.
  const present = users.workloads.map(workloadOf).map((now) => stopped.find(({ uid }) => uid === now.uid) ?? now);
  const others = stopped.filter(({ uid }) => !present.some((workload) => workload.uid === uid));
  const living = await Promise.all(others.map((workload) => isLiving(cluster, namespace, workload)));
  const gone = others.filter((_, index) => living[index] !== true);
  return {
    workloads: [...present, ...others.filter((_, index) => living[index] === true)],
    findings: users.findings,
    notes: gone.map((workload) => `${displayName(workload)} had been stopped and is gone since: it is not started.`),
  };
}

async function isLiving(cluster: Cluster, namespace: string, { kind, name, uid }: PlanWorkload): Promise<boolean> {
  const found = await cluster.find(resourceOf(kind), name, namespace);
  return found?.metadata.uid === uid;
}
