/** Earlier operations on the same claims that have not come to their end. */
import type { Cluster } from '../../cluster/cluster.ts';
import type { Finding } from '../../errors.ts';
import type { Recorded } from '../records.ts';
import { isOpen, readRecords, recordName } from '../records.ts';

/**
 * Two at a time would each put back what the other has changed.
 * @param except the operation that is taken up or undone
 */
export async function earlierOperations(
  cluster: Cluster,
  namespace: string,
  claims: ReadonlySet<string>,
  except?: string,
): Promise<Finding[]> {
  const records = await readRecords(cluster, namespace);
  const isInTheWay = ({ plan: { operation, members } }: Recorded): boolean =>
    operation !== except && members.some(({ claim }) => claims.has(claim));
  return records.filter((recorded) => isOpen(recorded) && isInTheWay(recorded)).map(stillOpen);
}

function stillOpen({ plan: { operation, namespace }, phase, step }: Recorded): Finding {
  const ways = `kubectl pvsnap resume ${operation} -n ${namespace}, or undo ${operation}`;
  return {
    about: operation,
    problem:
      phase === 'failed'
        ? `failed in step ${step}, and has not been ended`
        : `is at work on these claims, or was interrupted in step ${step}`,
    remedy: `${ways}; where neither is possible: kubectl delete configmap ${recordName(operation)} -n ${namespace}`,
  };
}
