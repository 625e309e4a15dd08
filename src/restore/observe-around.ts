/** Reads what tells how far an operation is, beside what it keeps. */
import { ifAllowed } from '../cluster/access.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { claims } from '../cluster/resources.ts';
import type { WorkloadObject } from '../workloads/kinds.ts';
import { displayName, isWorkloadKind, resourceOf } from '../workloads/kinds.ts';
import type { Around } from './observed-steps.ts';
import type { Plan } from './plan.ts';

export async function observeAround(cluster: Cluster, { namespace, workloads }: Plan): Promise<Around> {
  const [allClaims, objects] = await Promise.all([
    ifAllowed(cluster.list(claims, { namespace })),
    ifAllowed(Promise.all(workloads.map(({ kind, name }) => findWorkload(cluster, kind, name, namespace)))),
  ]);
  const found = objects?.flatMap((object, index) => {
    const workload = workloads[index];
    return object === undefined || workload === undefined ? [] : [[displayName(workload), object] as const];
  });
  return {
    claims: allClaims && new Map(allClaims.map((claim) => [claim.metadata.name, claim])),
    workloads: found && new Map(found),
  };
}

/** Of a custom resource nothing is known but its pods. */
async function findWorkload(
  cluster: Cluster,
  kind: string,
  name: string,
  namespace: string,
): Promise<WorkloadObject | undefined> {
  return isWorkloadKind(kind) ? cluster.find(resourceOf(kind), name, namespace) : undefined;
}
