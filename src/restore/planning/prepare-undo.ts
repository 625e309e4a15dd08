/** From the operation to undo to a plan, or to every reason why it can't be done. Changes nothing. */
import { missingRights } from '../../cluster/access.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import type { Finding } from '../../errors.ts';
import { claims } from '../../cluster/resources.ts';
import { RefusedError } from '../../errors.ts';
import type { Plan } from '../plan.ts';
import { isAsNew, isReplacing } from '../plan.ts';
import type { Recorded } from '../records.ts';
import { findRecord } from '../records.ts';
import { undoneFindings } from '../undone.ts';
import { isUntouched } from '../untouched.ts';
import { earlierOperations } from './earlier.ts';
import { makeUndo, undoFindings } from './make-undo.ts';
import type { UndoRequest } from './observe-undo.ts';
import { claimsToCome, serverRefusals } from './server-refusals.ts';
import { observeUndo } from './observe-undo.ts';
import { prepareUndoReplaced } from './prepare-undo-replaced.ts';
import { rightsToFindUndone, rightsToRecords, rightsToRun, rightsToTakeBack } from './rights.ts';

export type Undoing =
  /** Nothing of today's has been touched: what the operation began is taken back. */
  | { how: 'takeBack'; plan: Plan }
  /** The claims get back what they had. */
  | { how: 'run'; plan: Plan };

/** @throws RefusedError with all findings; ClusterError when the cluster can't be read */
export async function prepareUndo(cluster: Cluster, request: UndoRequest): Promise<Undoing> {
  const { undoes, namespace } = request;
  const refuse = (findings: readonly Finding[]): void => {
    if (findings.length > 0) throw new RefusedError(`${undoes} can't be undone; nothing was changed`, findings);
  };
  refuse(await missingRights(cluster, rightsToRecords(namespace)));
  const recorded = request.fromParked ? undefined : await findRecord(cluster, namespace, undoes);
  refuse([...(await undoneFindings(cluster, recorded)), ...committedFindings(recorded)]);
  if (recorded !== undefined && isUntouched(recorded)) {
    refuse(await missingRights(cluster, rightsToTakeBack(recorded.plan)));
    refuse(await inUse(cluster, recorded.plan));
    return { how: 'takeBack', plan: recorded.plan };
  }
  if (recorded !== undefined && isReplacing(recorded.plan)) {
    const plan = await prepareUndoReplaced(cluster, request, { ...recorded, plan: recorded.plan });
    return { how: 'run', plan };
  }
  refuse(await missingRights(cluster, rightsToFindUndone(namespace)));
  const observed = await observeUndo(cluster, request, recorded);
  const names = new Set(observed.members.map(({ claim }) => claim));
  const open = await earlierOperations(cluster, namespace, names, undoes);
  refuse([...undoFindings(observed, request, recorded), ...open]);
  const plan = makeUndo(observed, request, recorded);
  refuse(await missingRights(cluster, rightsToRun(plan)));
  refuse(await serverRefusals(cluster, claimsToCome(plan)));
  return { how: 'run', plan };
}

/** Claims that were made beside the present ones may be somebody's by now, and they are not parked but deleted. */
async function inUse(cluster: Cluster, plan: Plan): Promise<Finding[]> {
  if (plan.kind !== 'restore' || !isAsNew(plan)) return [];
  const names = new Set(plan.members.map(({ staging }) => staging));
  const present = await cluster.list(claims, { namespace: plan.namespace });
  const bound = present.filter(({ metadata, status }) => names.has(metadata.name) && status?.phase === 'Bound');
  if (bound.length < names.size) return [];
  return [
    {
      about: plan.operation,
      problem: `all its new claims are there, and may be in use: ${[...names].join(', ')}`,
      remedy: `to end it: kubectl pvsnap resume ${plan.operation}; to delete the claims: kubectl delete pvc`,
    },
  ];
}

/** What is left then is no whole any more. */
function committedFindings(recorded: Recorded | undefined): Finding[] {
  if (recorded?.isCommitting !== true) return [];
  const { operation, namespace } = recorded.plan;
  return [
    {
      about: operation,
      problem: 'a commit of it has begun, and some of what it parked may be gone',
      remedy: `to end it: kubectl pvsnap commit ${operation} -n ${namespace}; for what is left: undo ${operation} --from-parked`,
    },
  ];
}
