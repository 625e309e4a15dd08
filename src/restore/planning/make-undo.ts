/** From what was observed to an undo, or to every reason why it can't be done. Pure. */
import type { Volume } from '../../cluster/objects.ts';
import type { Finding } from '../../errors.ts';
import type { ClaimManifest } from '../../sets/manifest.ts';
import { takenOver } from '../holders.ts';
import { operationMark } from '../marks.ts';
import type { ClaimNow, StepName, UndoMember, UndoPlan } from '../plan.ts';
import { isImporting, isSwapped } from '../plan.ts';
import type { Recorded } from '../records.ts';
import { capacityBytes } from '../volumes.ts';
import { setsOf } from './kept-snapshots.ts';
import { nowOf } from './make-plan.ts';
import type { ObservedUndo, ObservedUndoMember, UndoRequest } from './observe-undo.ts';

/** @param observed without findings */
export function makeUndo(observed: ObservedUndo, request: UndoRequest, recorded: Recorded | undefined): UndoPlan {
  const members = observed.members.map((member) => undoMember(member, request, recorded)).filter(isConcerned);
  const { workloads, owners, choices } = observed;
  const inherits = setsOf(recorded);
  const tidies = leftBy(recorded);
  const takesOver = recorded === undefined ? [] : takenOver(recorded.plan);
  return {
    operation: request.operation,
    kind: 'undo',
    undoes: request.undoes,
    ...(inherits.length > 0 && { inherits }),
    ...(tidies.length > 0 && { tidies }),
    ...(takesOver.length > 0 && { takesOver }),
    namespace: request.namespace,
    members,
    workloads,
    ...(owners.length > 0 && { owners }),
    choices,
    steps: stepsFor(members, [...workloads, ...owners]),
    notes: observed.notes,
  };
}

/** Objects that are made of snapshots on storage go with an operation's last step. This one had not come to it. */
function leftBy(recorded: Recorded | undefined): string[] {
  if (recorded === undefined || recorded.phase === 'completed') return [];
  const { plan } = recorded;
  if (plan.kind === 'undo') return plan.tidies ?? [];
  return isImporting(plan) ? [plan.operation] : [];
}

/** Where no claim needs another volume, nothing has to stop. */
function stepsFor(members: readonly UndoMember[], started: readonly unknown[]): StepName[] {
  const isStopped = members.some(isSwapped) ? (['stop'] as const) : [];
  return ['retain', ...isStopped, 'swap', ...(started.length > 0 ? (['start'] as const) : []), 'settle'];
}

/** A claim that the undone operation had not reached, and has nothing for, is nobody's concern. */
function isConcerned({ coming, now, asides }: UndoMember): boolean {
  return coming !== undefined || now !== undefined || asides.length > 0;
}

function undoMember(
  observed: ObservedUndoMember,
  { operation, undoes }: UndoRequest,
  recorded: Recorded | undefined,
): UndoMember {
  const { claim, parked, others } = observed;
  const now = parked !== undefined || isMadeBy(observed, undoes, recorded) ? presentOf(observed) : undefined;
  return {
    claim,
    ...(parked !== undefined && {
      coming: {
        volume: parked.volume.metadata.name,
        manifest: marked(parked.manifest, operation),
        sizeBytes: capacityBytes(parked.volume),
      },
    }),
    ...(now !== undefined && { now }),
    asides: others
      .filter(({ volume }) => volume.metadata.name !== now?.volume)
      .map(({ volume, ...rest }) => ({ volume: volume.metadata.name, sizeBytes: capacityBytes(volume), ...rest })),
  };
}

function presentOf({ present: claim, presentVolume: volume, others }: ObservedUndoMember): ClaimNow | undefined {
  const now = nowOf({ claim, volume });
  if (now === undefined) return undefined;
  const isKept = others.some(({ volume: other, role }) => role === 'staged' && other.metadata.name === now.volume);
  return {
    ...now,
    ...(claim?.metadata.deletionTimestamp !== undefined && { isGoing: true }),
    ...(isKept && { isKept }),
  };
}

/** There was no such claim before: the record says so, or its volume is still marked as what the operation brought. */
function isMadeBy(
  { claim, present, presentVolume, others }: ObservedUndoMember,
  undoes: string,
  recorded: Recorded | undefined,
): boolean {
  const planned = recorded?.plan.members.find((member) => member.claim === claim);
  const isNew = planned !== undefined && planned.now === undefined;
  const isBrought = others.some(({ volume }) => volume.metadata.name === presentVolume?.metadata.name);
  return (isNew || isBrought) && present?.metadata.annotations?.[operationMark] === undoes;
}

function marked(manifest: ClaimManifest, operation: string): ClaimManifest {
  const annotations = { ...manifest.metadata.annotations, [operationMark]: operation };
  return { ...manifest, metadata: { ...manifest.metadata, annotations } };
}

export function undoFindings(observed: ObservedUndo, request: UndoRequest, recorded: Recorded | undefined): Finding[] {
  const findings = observed.members.flatMap((member) => memberFindings(member, request, recorded));
  const isAllGone = observed.members.every(({ parked, others }) => parked === undefined && others.length === 0);
  const isForgotten = isAllGone && !observed.members.some((member) => isMadeBy(member, request.undoes, recorded));
  if (isForgotten) {
    return [
      {
        about: request.undoes,
        problem: `nothing of it is parked in namespace ${request.namespace}: it was committed, undone, or never there`,
        remedy: 'see what there is: kubectl pvsnap get operations',
      },
    ];
  }
  return [...findings, ...observed.findings];
}

function memberFindings(observed: ObservedUndoMember, request: UndoRequest, recorded: Recorded | undefined): Finding[] {
  const { claim: about, parked, present, presentVolume, unfinished, ambiguous } = observed;
  const findings: Finding[] = [];
  const say = (problem: string, remedy: string): void => {
    findings.push({ about, problem, remedy });
  };
  const planned = recorded?.plan.members.find(({ claim }) => claim === about);
  if (parked === undefined && planned?.now !== undefined) {
    say(
      `its former volume ${planned.now.volume} is gone, or no longer marked as parked`,
      `look for it: kubectl get pv ${planned.now.volume}`,
    );
  }
  if (parked !== undefined && isGivenUp(parked.volume)) {
    const { name } = parked.volume.metadata;
    say(
      `its former volume ${name} has been given up by a commit: the driver may have deleted a part of it`,
      `to delete the rest: kubectl pvsnap commit ${request.undoes} -n ${request.namespace}`,
    );
  }
  if (ambiguous.length > 0) {
    say(
      `several volumes are parked of it: ${ambiguous.join(', ')}`,
      'give it the right one by hand: docs/going-back.md',
    );
  }
  const isDisturbing = parked !== undefined || isMadeBy(observed, request.undoes, recorded);
  if (isDisturbing && present !== undefined && presentVolume === undefined) {
    say(
      `the claim is ${present.status?.phase ?? 'Pending'}, without a volume that could be kept`,
      `delete it if it holds nothing (kubectl delete pvc ${about} -n ${request.namespace}), then undo`,
    );
  }
  const isToPark = isDisturbing && presentVolume?.metadata.name !== parked?.volume.metadata.name;
  if (isToPark && presentVolume?.metadata.deletionTimestamp !== undefined) {
    say(
      `its volume ${presentVolume.metadata.name} is being deleted, and could not be kept`,
      `take a set of it if you need its data, delete the claim (kubectl delete pvc ${about} -n ${request.namespace}), then undo`,
    );
  }
  if (unfinished.length > 0) {
    say(
      `a snapshot of it is unfinished (${unfinished.join(', ')}), and would block the swap`,
      'wait until it is ready, or delete it',
    );
  }
  return findings;
}

/** A volume that nobody uses, and that isn't kept, is the driver's to delete at any moment. */
function isGivenUp({ metadata, spec, status }: Volume): boolean {
  if (status?.phase === 'Bound') return false;
  const isDeleted = metadata.deletionTimestamp !== undefined || status?.phase === 'Failed';
  return isDeleted || (status?.phase === 'Released' && spec?.persistentVolumeReclaimPolicy !== 'Retain');
}
