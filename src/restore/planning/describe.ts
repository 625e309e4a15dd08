/** A plan in words: what each step will do, to what, and what stays behind. Plain data that terminal/ lays out. */
import { readableBytes } from '../../cluster/quantity.ts';
import { displayName } from '../../workloads/kinds.ts';
import type { Plan, PlanMember } from '../plan.ts';
import { isAsNew } from '../plan.ts';

export interface PlanDescription {
  title: string;
  sections: { label: string; lines: string[] | { columns?: string[]; rows: string[][] } }[];
  closing: string[];
}

/** @param takenAgo how long ago the newest snapshot was cut, in words such as `3h`; undefined when nobody knows */
export function describePlan(plan: Plan, takenAgo: string | undefined): PlanDescription {
  return isAsNew(plan) ? describeAsNew(plan, takenAgo) : describeInPlace(plan, takenAgo);
}

function describeInPlace(plan: Plan, takenAgo: string | undefined): PlanDescription {
  const { members, workloads, namespace } = plan;
  const names = (list: Plan['workloads']): string => list.map(displayName).join(', ');
  const stopped = workloads.map((workload) => [displayName(workload), count(workload.replicas, 'replica')]);
  return {
    title: `Restore of ${sourceText(plan, takenAgo)} in place, namespace ${namespace}`,
    sections: [
      {
        label: 'stage',
        lines: [`${stagedText(members)}${workloads.length > 0 ? ', while everything keeps running' : ''}`],
      },
      { label: 'stop', lines: stopped.length > 0 ? { rows: stopped } : ['nothing: no pod uses these claims'] },
      { label: 'swap', lines: { columns: ['CLAIM', 'NOW', 'THEN', 'SNAPSHOT'], rows: members.map(swapRow) } },
      ...(workloads.length > 0
        ? [{ label: 'start', lines: [`${names(workloads.toReversed())}, with the replicas of now`] }]
        : []),
    ],
    closing: [parkedText(members), ...plan.notes],
  };
}

function describeAsNew(plan: Plan, takenAgo: string | undefined): PlanDescription {
  const rows = plan.members.map(({ claim, staging, sizeBytes, snapshot }) => [
    claim,
    `${staging}, ${readableBytes(sizeBytes)}`,
    snapshot,
  ]);
  return {
    title: `New claims from ${sourceText(plan, takenAgo)}, namespace ${plan.namespace}`,
    sections: [{ label: 'create', lines: { columns: ['CLAIM', 'NEW CLAIM', 'SNAPSHOT'], rows } }],
    closing: ['Nothing is stopped, and the present claims are not touched.'],
  };
}

function sourceText({ source, members }: Plan, takenAgo: string | undefined): string {
  const facts = [
    count(members.length, 'volume'),
    ...(takenAgo === undefined ? [] : [`taken ${takenAgo} ago`]),
    ...(source.skewMs === undefined || members.length < 2 ? [] : [`skew ${Math.round(source.skewMs)} ms`]),
  ];
  return `${source.name} (${facts.join(', ')})`;
}

function stagedText(members: readonly PlanMember[]): string {
  const sizes = new Set(members.map(({ sizeBytes }) => readableBytes(sizeBytes)));
  const [only] = sizes;
  const size = sizes.size === 1 && only !== undefined ? `, ${only}${members.length > 1 ? ' each' : ''}` : '';
  return `${count(members.length, 'volume')} from ${members.length > 1 ? 'their snapshots' : 'its snapshot'}${size}`;
}

function swapRow({ claim, now, sizeBytes, snapshot }: PlanMember): string[] {
  const present = now === undefined ? 'no such claim' : `${now.volume}, ${readableBytes(now.sizeBytes)}`;
  return [claim, present, `new, ${readableBytes(sizeBytes)}`, snapshot];
}

function parkedText(members: readonly PlanMember[]): string {
  const parked = members.flatMap(({ now }) => now ?? []);
  if (parked.length === 0) return 'Nothing is deleted: there is no present data.';
  const size = readableBytes(parked.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
  return parked.length === 1
    ? `Nothing is deleted: the volume of now (${size}) stays parked until you delete it.`
    : `Nothing is deleted: the ${parked.length} volumes of now (${size}) stay parked until you delete them.`;
}

export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
