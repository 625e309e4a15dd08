/** The undo of an operation that had deleted claims and made them again: its safety set is restored. */
import { missingRights } from '../../cluster/access.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import type { Claim } from '../../cluster/objects.ts';
import { claims } from '../../cluster/resources.ts';
import type { Finding } from '../../errors.ts';
import { RefusedError } from '../../errors.ts';
import { takenOver } from '../holders.ts';
import { operationMark } from '../marks.ts';
import type { Plan, RestoreMember, RestorePlan, UndoPlan } from '../plan.ts';
import type { Recorded } from '../records.ts';
import type { RestoreRequest } from '../request.ts';
import { carriedChoices } from './carried-choices.ts';
import { isMadeEmpty } from './check.ts';
import type { UndoRequest } from './observe-undo.ts';
import { prepareRestore } from './prepare.ts';
import { rightsToRun } from './rights.ts';
import { stoppedBefore } from './stopped-before.ts';

interface Replaced extends Recorded {
  plan: RestorePlan & { safetySet: string };
}

export async function prepareUndoReplaced(
  cluster: Cluster,
  { operation, undoes, namespace, choices }: UndoRequest,
  recorded: Replaced,
): Promise<Plan> {
  const { plan, phase } = recorded;
  const refuse = (findings: readonly Finding[]): void => {
    if (findings.length > 0) throw new RefusedError(`${undoes} can't be undone; nothing was changed`, findings);
  };
  refuse(await missingRights(cluster, [{ verb: 'list', resource: claims, namespace }]));
  const present = await cluster.list(claims, { namespace });
  const touched = plan.members.filter((member) => !isUntouched(member, present));
  const before = await stoppedBefore(cluster, recorded);
  const stopped = before.workloads.map(withoutGeneration);
  if (phase !== 'completed' && touched.length === 0) {
    const again = startAgain(plan, operation, { ...before, workloads: stopped });
    refuse(await missingRights(cluster, rightsToRun(again)));
    return again;
  }
  const secured = touched.filter(({ safety }) => safety !== undefined);
  refuse(lostFindings(recorded, secured));
  const isEmptyLeft = present.some((claim) => isMadeEmpty(claim, undoes));
  const request: RestoreRequest = {
    operation,
    namespace,
    source: { set: plan.safetySet },
    only: secured.map(({ claim }) => claim),
    sizeBytes: undefined,
    asNew: false,
    choices: choices ?? carriedChoices(plan, before.owners),
    // What waits for its data has no volume that could be kept.
    ...(isEmptyLeft && { strategy: 'replace' as const }),
    undoing: {
      operation: undoes,
      stopped,
      held: before.owners,
      takesOver: takenOver(plan),
      nodeOf: new Map(plan.members.flatMap(({ claim, nodes: [node] }) => (node === undefined ? [] : [[claim, node]]))),
      inherits: [plan.safetySet, ...(plan.inherits ?? [])],
    },
  };
  const undo = await prepareRestore(cluster, request);
  return {
    ...undo,
    notes: [...undo.notes, ...before.notes, ...touched.flatMap((member) => madeNewNote(member, present, undoes))],
  };
}

/** The claim is the one that was there before, and nobody has begun to delete it. */
function isUntouched({ claim: name, now }: RestoreMember, present: readonly Claim[]): boolean {
  const claim = present.find(({ metadata }) => metadata.name === name);
  if (now === undefined) return claim === undefined;
  return claim?.metadata.uid === now.uid && claim.metadata.deletionTimestamp === undefined;
}

/** Every claim has its data: only the workload is down. */
function startAgain(
  plan: Replaced['plan'],
  operation: string,
  { workloads, owners, notes }: Awaited<ReturnType<typeof stoppedBefore>>,
): UndoPlan {
  const { operation: undoes, namespace, safetySet } = plan;
  const takesOver = takenOver(plan);
  return {
    operation,
    kind: 'undo',
    undoes,
    discards: safetySet,
    namespace,
    members: [],
    workloads,
    ...(takesOver.length > 0 && { takesOver }),
    ...(owners.length > 0 && { owners }),
    steps: ['start', 'settle'],
    notes: [`No claim was deleted. The safety set ${safetySet}, as far as it was taken, is removed.`, ...notes],
  };
}

function withoutGeneration(workload: RestorePlan['workloads'][number]): RestorePlan['workloads'][number] {
  const { stoppedGeneration: _, ...rest } = workload;
  return rest;
}

function lostFindings({ plan }: Replaced, secured: readonly RestoreMember[]): Finding[] {
  if (secured.length > 0) return [];
  return [
    {
      about: plan.operation,
      problem: 'none of its claims had data before that could be brought back',
      remedy: `delete the claims that it made, if you don't need them: kubectl get pvc -n ${plan.namespace}`,
    },
  ];
}

/** There was no such claim before; to delete one without a copy is for a person to decide. */
function madeNewNote({ claim: name, now }: RestoreMember, present: readonly Claim[], undoes: string): string[] {
  const claim = present.find(({ metadata }) => metadata.name === name);
  if (now !== undefined || claim?.metadata.annotations?.[operationMark] !== undoes) return [];
  return [`Claim ${name} did not exist before ${undoes}, and stays: delete it if you don't need it.`];
}
