/** A plan in words: what each step will do, to what, and what stays behind. Plain data that terminal/ lays out. */
import { readableBytes } from '../../cluster/quantity.ts';
import { displayName } from '../../workloads/kinds.ts';
import { nameWithin, ownersTree, stoppedRows } from './describe-stop.ts';
import type { ClaimNow, Plan, PlanMember, RestorePlan, StepName, UndoMember } from '../plan.ts';
import { isAsNew, isImporting, isReplacing, isUnchanged, keepsVolume, parkedBy } from '../plan.ts';

export interface PlanDescription {
  title: string;
  sections: { label: string; lines: string[] | { columns?: string[]; rows: string[][] } }[];
  closing: string[];
}

interface Telling {
  /** How long ago the newest snapshot was cut, in words such as `3h`; undefined when nobody knows. */
  takenAgo?: string | undefined;
  /** The steps that are still to be done, when an earlier run did the others. */
  steps?: readonly StepName[];
}

export function describePlan(plan: Plan, { takenAgo, steps = plan.steps }: Telling = {}): PlanDescription {
  if (plan.kind === 'restore' && isAsNew(plan)) return describeAsNew(plan, takenAgo);
  const isResumed = steps.length < plan.steps.length;
  const sections = sectionsOf(plan).filter(({ step }) => steps.includes(step));
  return {
    title: `${isResumed ? `The rest of ${plan.operation}: ` : ''}${titleOf(plan, takenAgo)}, namespace ${plan.namespace}`,
    sections: sections.map(({ step, label = step, lines }) => ({ label, lines })),
    closing: [keptText(plan), ...plan.notes].filter((line) => line !== undefined),
  };
}

function titleOf(plan: Plan, takenAgo: string | undefined): string {
  if (plan.kind === 'undo') return `Undo of ${plan.undoes}`;
  const { undoes } = plan;
  const source = sourceText(plan, takenAgo);
  return undoes === undefined ? `Restore of ${source} in place` : `Undo of ${undoes}, from its safety set ${source}`;
}

interface StepSection {
  step: StepName;
  /** Absent: the step's name. */
  label?: string;
  lines: PlanDescription['sections'][number]['lines'];
}

function sectionsOf(plan: Plan): StepSection[] {
  const { workloads, owners = [], namespace } = plan;
  const stopped = stoppedRows(plan);
  const held = owners.filter(({ changes }) => changes.length > 0).map((owner) => nameWithin(owner, namespace));
  const names = [...workloads.toReversed().map(displayName), ...held.toReversed()].join(', ');
  const tree = ownersTree(plan);
  const sections: (StepSection | false)[] = [
    tree.length > 0 && { step: 'stop', label: 'who', lines: { rows: tree } },
    plan.kind === 'restore' && isImporting(plan) && { step: 'import', lines: [importedText(plan)] },
    plan.kind === 'restore' && !isReplacing(plan) && { step: 'stage', lines: [stagedText(plan)] },
    { step: 'stop', lines: stopped.length > 0 ? { rows: stopped } : ['nothing: no pod uses these claims'] },
    isReplacing(plan) && { step: 'secure', lines: [securedText(plan)] },
    { step: isReplacing(plan) ? 'replace' : 'swap', lines: swapTable(plan) },
    names !== '' && { step: 'start', lines: [`${names}, with the replicas of ${replicasOf(plan)}`] },
  ];
  return sections.filter((section) => section !== false);
}

/** An undo may start what an interrupted operation had stopped. */
function replicasOf({ kind, steps }: Plan): string {
  return kind === 'undo' && !steps.includes('stop') ? 'before' : 'now';
}

function describeAsNew(plan: RestorePlan, takenAgo: string | undefined): PlanDescription {
  const rows = plan.members.map(({ claim, staging, sizeBytes, snapshot, stored }) => [
    claim,
    `${staging}, ${readableBytes(sizeBytes)}`,
    stored?.handle ?? snapshot,
  ]);
  return {
    title: `New claims from ${sourceText(plan, takenAgo)}, namespace ${plan.namespace}`,
    sections: [
      ...(isImporting(plan) ? [{ label: 'import', lines: [importedText(plan)] }] : []),
      { label: 'create', lines: { columns: ['CLAIM', 'NEW CLAIM', 'SNAPSHOT'], rows } },
    ],
    closing: ['Nothing is stopped, and the present claims are not touched.'],
  };
}

function sourceText({ source, members }: RestorePlan, takenAgo: string | undefined): string {
  const facts = [
    count(members.length, 'volume'),
    ...(takenAgo === undefined ? [] : [`taken ${takenAgo} ago`]),
    ...(source.skewMs === undefined || members.length < 2 ? [] : [`skew ${Math.round(source.skewMs)} ms`]),
  ];
  return `${source.name} (${facts.join(', ')})`;
}

function stagedText({ members, workloads }: RestorePlan): string {
  const sizes = new Set(members.map(({ sizeBytes }) => readableBytes(sizeBytes)));
  const [only] = sizes;
  const size = sizes.size === 1 && only !== undefined ? `, ${only}${members.length > 1 ? ' each' : ''}` : '';
  const from = members.length > 1 ? 'their snapshots' : 'its snapshot';
  const meanwhile = workloads.length > 0 ? ', while everything keeps running' : '';
  return `${count(members.length, 'volume')} from ${from}${size}${meanwhile}`;
}

/** What the cluster gets to see of snapshots that are on storage alone. */
function importedText({ members, source }: RestorePlan): string {
  return `${count(members.length, 'snapshot')} of ${source.name}, for the time of the restore; they stay on storage`;
}

function securedText({ members, safetySet = '' }: RestorePlan): string {
  const secured = members.filter(({ safety }) => safety !== undefined).length;
  return secured === 0 ? 'nothing: there is no present data' : `${count(secured, 'snapshot')} of now: set ${safetySet}`;
}

function swapTable(plan: Plan): { columns: string[]; rows: string[][] } {
  if (plan.kind === 'restore') {
    const rows = plan.members.map(({ claim, now, sizeBytes, snapshot, stored }) => [
      claim,
      presentText(now),
      `new, ${readableBytes(sizeBytes)}`,
      stored?.handle ?? snapshot,
    ]);
    return { columns: ['CLAIM', 'NOW', 'THEN', 'SNAPSHOT'], rows };
  }
  const rows = plan.members.map((member) => [member.claim, presentText(member.now), returningText(member)]);
  return { columns: ['CLAIM', 'NOW', 'THEN'], rows };
}

function presentText(now: ClaimNow | undefined): string {
  if (now === undefined) return 'no such claim';
  return now.volume === '' ? 'no volume yet' : `${now.volume}, ${readableBytes(now.sizeBytes)}`;
}

function returningText(member: UndoMember): string {
  if (isUnchanged(member)) return 'the same';
  const { coming } = member;
  return coming === undefined ? 'no such claim' : `${coming.volume}, ${readableBytes(coming.sizeBytes)}`;
}

/** What becomes of the data of now. */
function keptText(plan: Plan): string | undefined {
  if (isReplacing(plan)) {
    return plan.members.some(({ safety }) => safety !== undefined)
      ? `Each claim is deleted, and its volume unless it is Retain, once the safety set ${plan.safetySet} has its data. It stays until you commit.`
      : 'There is no present data.';
  }
  return plan.members.length === 0 ? undefined : parkedText(plan.members);
}

function parkedText(members: readonly PlanMember[]): string {
  const parked = members.flatMap(parkedBy);
  if (parked.length === 0) return 'Nothing is deleted: there is no present data.';
  const size = readableBytes(parked.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
  const which = isOfNow(members) ? 'of now' : 'that were meant for them';
  return parked.length === 1
    ? `Nothing is deleted: the volume ${which.replace('were', 'was').replace('them', 'it')} (${size}) stays parked until you commit.`
    : `Nothing is deleted: the ${parked.length} volumes ${which} (${size}) stay parked until you commit.`;
}

/** Whether what is parked is what claims have now, and not only what an interrupted operation had made for them. */
export function isOfNow(members: readonly PlanMember[]): boolean {
  return members.some((member) => member.now !== undefined && !keepsVolume(member));
}

export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
