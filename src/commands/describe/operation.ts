/** An operation in full: the plan, the steps as they are seen, what it keeps, and what to do next. */
import { readableBytes } from '../../cluster/quantity.ts';
import type { Around } from '../../restore/observed-steps.ts';
import { observedSteps } from '../../restore/observed-steps.ts';
import type { Operation } from '../../restore/operations.ts';
import { hasEnded, kindOf, phaseOf, sourceOf, targetOf, volumeSizeBytes } from '../../restore/operations.ts';
import type { Plan, PlanMember } from '../../restore/plan.ts';
import { isAsNew } from '../../restore/plan.ts';
import { isUntouched } from '../../restore/untouched.ts';
import { ownPolicy } from '../../restore/volumes.ts';
import { age } from '../../terminal/age.ts';
import type { DescribedTable, Field } from '../../terminal/description.ts';
import { parkedText } from '../get/operation-documents.ts';

/** @param around undefined for one without a record */
export function operationFields(one: Operation, around: Around | undefined, programName: string): Field[] {
  const { recorded, holder } = one;
  const phase = phaseOf(one, Date.now());
  const plan = recorded?.plan;
  return [
    ['Name', one.name],
    ['Namespace', one.namespace],
    ['Kind', kindOf(one)],
    [kindOf(one) === 'undo' ? 'Undoes' : 'Set', sourceOf(one) ?? '<unknown>'],
    ['Target', targetOf(one)],
    ['Created', timeText(one.createdAtMs)],
    ['Phase', phase],
    ...(recorded?.message === undefined ? [] : [['Message', recorded.message] as const]),
    ['At Work', holder === undefined ? '<none>' : `${holder.identity}, since ${holder.since}`],
    ['Parked', parkedText(one)],
    ...(plan === undefined || around === undefined ? [] : planFields(one, plan, around)),
    ['Volumes', volumesOf(one)],
    ['Next', nextOf(one, phase, programName)],
  ];
}

function timeText(ms: number): string {
  return Number.isNaN(ms) ? '<unknown>' : `${new Date(ms).toISOString()} (${age(Date.now() - ms)} ago)`;
}

function planFields(one: Operation, plan: Plan, around: Around): Field[] {
  const steps = observedSteps(one, plan, around).map(({ step, isDone, seen }) => [
    step,
    isDone === undefined ? '<unknown>' : isDone ? 'done' : 'no',
    seen,
  ]);
  return [
    ['Claims', { columns: ['Name', 'Volume Before', 'Volume To Come'], rows: plan.members.map(memberRow) }],
    ['Steps', { columns: ['Name', 'Done', 'Seen'], rows: steps }],
    ...(plan.notes.length > 0 ? [['Notes', plan.notes] as const] : []),
  ];
}

function memberRow(member: PlanMember): string[] {
  const before = member.now === undefined ? '<none>' : `${member.now.volume}, ${readableBytes(member.now.sizeBytes)}`;
  if ('staging' in member) return [member.claim, before, `of ${member.snapshot}, ${readableBytes(member.sizeBytes)}`];
  const { coming } = member;
  return [
    member.claim,
    before,
    coming === undefined ? '<none>' : `${coming.volume}, ${readableBytes(coming.sizeBytes)}`,
  ];
}

function volumesOf({ volumes }: Operation): string | DescribedTable {
  if (volumes === undefined) return "<unknown> (you can't list persistentvolumes)";
  const rows = volumes.map((marked) => [
    marked.volume.metadata.name,
    marked.role,
    marked.manifest.metadata.name,
    readableBytes(volumeSizeBytes(marked)),
    age(Date.now() - Date.parse(marked.volume.metadata.creationTimestamp ?? '')),
    ownPolicy(marked.volume),
    marked.volume.status?.phase ?? '<unknown>',
  ]);
  return { columns: ['Name', 'Role', 'Claim', 'Size', 'Age', 'Own Policy', 'Status'], rows };
}

/** Command lines with what they do; of one that is at work, none that would be refused. */
function nextOf({ name, namespace, recorded, holder, volumes }: Operation, phase: string, program: string): string[] {
  const line = (verb: string, what: string, flag = ''): string =>
    `${program} ${verb} ${name}${flag} -n ${namespace}   ${what}`;
  const undo = line('undo', 'gives the claims their volumes of before');
  if (recorded === undefined) return [line('undo', 'gives the claims what is parked', ' --from-parked')];
  if (recorded.undoneBy !== undefined) return [`${program} describe operation/${recorded.undoneBy} -n ${namespace}`];
  if (holder !== undefined && Date.now() < holder.expiresAtMs) return ['It is at work: wait, or press Ctrl-C there.'];
  if (!hasEnded(phase)) {
    const back = isUntouched(recorded) ? line('undo', 'removes what was staged') : undo;
    return isAsNew(recorded.plan) ? [back] : [line('resume', 'goes on'), back];
  }
  const isKeeping = volumes === undefined || volumes.some(({ role }) => role === 'parked');
  return isKeeping ? [undo, line('commit', 'deletes what is parked, for good')] : ['Nothing: nothing of it is parked.'];
}
