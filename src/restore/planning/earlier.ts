/** Earlier operations on the same claims that have not come to their end. */
import type { Cluster } from '../../cluster/cluster.ts';
import type { ConfigMap } from '../../cluster/objects.ts';
import { configMaps } from '../../cluster/resources.ts';
import type { Finding } from '../../errors.ts';
import { displayName } from '../../workloads/kinds.ts';
import { operationMark } from '../marks.ts';
import type { Plan } from '../plan.ts';

export interface Earlier {
  /** Operations that may still be at work. */
  findings: Finding[];
  /** Operations that failed: what they left behind, a line or more each. */
  notes: string[];
}

export async function earlierOperations(
  cluster: Cluster,
  namespace: string,
  claims: ReadonlySet<string>,
): Promise<Earlier> {
  const records = await cluster.list(configMaps, { namespace, labelSelector: operationMark });
  const open = records
    .map((record) => ({ plan: planOf(record), phase: record.data?.phase ?? '' }))
    .filter(({ plan, phase }) => phase !== 'completed' && plan.members.some(({ claim }) => claims.has(claim)));
  return {
    findings: open.filter(({ phase }) => phase !== 'failed').map(({ plan, phase }) => stillOpen(plan, phase)),
    notes: open.filter(({ phase }) => phase === 'failed').flatMap(({ plan }) => leftBehind(plan)),
  };
}

type RecordedPlan = Pick<Plan, 'operation' | 'namespace' | 'members' | 'workloads'>;

/** A record that nobody can read belongs to no claim. */
function planOf({ metadata, data }: ConfigMap): RecordedPlan {
  const nothing = { operation: metadata.name, namespace: metadata.namespace ?? '', members: [], workloads: [] };
  try {
    const plan = JSON.parse(data?.plan ?? '') as Partial<Plan>;
    return Array.isArray(plan.members) && Array.isArray(plan.workloads) ? (plan as Plan) : nothing;
  } catch {
    return nothing;
  }
}

function stillOpen({ operation, namespace }: RecordedPlan, phase: string): Finding {
  const patch = `'{"data":{"phase":"failed"}}'`;
  return {
    about: operation,
    problem: `is at work on these claims, or was interrupted in step ${phase}`,
    remedy:
      'wait until it has ended; when nobody runs it any more, say so: ' +
      `kubectl patch configmap pvsnap-${operation} -n ${namespace} --type merge -p ${patch}`,
  };
}

function leftBehind({ operation, namespace, workloads }: RecordedPlan): string[] {
  const scale = workloads.map(
    (workload) => `kubectl scale ${displayName(workload)} -n ${namespace} --replicas=${workload.replicas}`,
  );
  return [
    `${operation} failed earlier, and still keeps volumes: kubectl get pv -l ${operationMark}=${operation}`,
    ...(scale.length > 0
      ? [`It stopped workloads, which stay as they are now; to start them: ${scale.join('; ')}`]
      : []),
  ];
}
