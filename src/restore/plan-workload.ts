import { asStatefulSet, displayName } from '../workloads/kinds.ts';
import { deletesClaims } from '../workloads/retention.ts';
import type { StopChoices } from '../workloads/stop-choices.ts';
import { noChoices } from '../workloads/stop-choices.ts';
import type { WorkloadInUse } from '../workloads/users.ts';
import type { PlanWorkload } from './plan.ts';

/** What a plan keeps of something that must be stopped. */
export function workloadOf(workload: WorkloadInUse, choices: StopChoices = noChoices): PlanWorkload {
  const { kind, name, uid, replicas, how = 'scale', manifest, under, pods } = workload;
  const rank = choices.order.indexOf(displayName(workload)) + 1;
  return {
    kind,
    name,
    uid,
    replicas,
    ...(how !== 'scale' && { how }),
    ...(manifest !== undefined && { manifest }),
    ...(under.length > 0 && { under, pods }),
    ...(rank > 0 && { rank }),
    ...(deletesClaims(asStatefulSet(workload)) && { whenScaled: 'Delete' as const }),
  };
}
