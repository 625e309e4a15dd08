/** What a plan stops, in words: who holds still, what is stopped, and who stands above whom. */
import { ownerName } from '../../workloads/hold.ts';
import { displayName } from '../../workloads/kinds.ts';
import type { Owner } from '../../workloads/owner.ts';
import type { StopWay } from '../../workloads/stop-ways.ts';
import type { Plan, PlanWorkload } from '../plan.ts';

/** Name, what of it, and what else that means: the owners first. */
export function stoppedRows({ owners = [], workloads, namespace }: Plan): string[][] {
  return [
    ...owners.map((owner) => [nameWithin(owner, namespace), ownerText(owner), servesText(owner)]),
    ...workloads.map((workload) => [displayName(workload), workloadText(workload), rankText(workload, workloads)]),
  ].map((row) => (row.at(-1) === '' ? row.slice(0, -1) : row));
}

/** From the root down to the claims, a line each; nothing where nobody stands above what is stopped. */
export function ownersTree({ workloads, owners = [], namespace }: Plan): string[][] {
  const shown = new Set<string>();
  const rows: string[][] = [];
  for (const { under = [], pods = [], ...workload } of workloads) {
    if (under.length === 0) continue;
    for (const [depth, name] of under.entries()) {
      const path = under.slice(0, depth + 1).join(' > ');
      if (!shown.has(path)) rows.push([indented(depth, name), actorsText(name, owners, namespace)]);
      shown.add(path);
    }
    rows.push([indented(under.length, displayName(workload)), '']);
    for (const pod of pods) rows.push([indented(under.length + 1, pod.name), pod.claims.join(', ')]);
  }
  return rows;
}

function indented(depth: number, text: string): string {
  return `${'  '.repeat(depth)}${text}`;
}

/** The operator that acts on a custom resource, and how it is kept from it. */
function actorsText(name: string, owners: readonly Owner[], namespace: string): string {
  const own = owners.filter((owner) => ownerName(owner) === name).map(ownerText);
  const operators = owners
    .filter(({ role }) => role === 'operator')
    .map((owner) => `operator: ${nameWithin(owner, namespace)}`);
  return [...own, ...operators].join('; ');
}

/** With its namespace, where that is another. */
export function nameWithin(owner: Owner, namespace: string): string {
  const isElsewhere = owner.namespace !== undefined && owner.namespace !== namespace;
  return isElsewhere ? `${owner.namespace}/${ownerName(owner)}` : ownerName(owner);
}

function ownerText({ how, changes, role }: Owner): string {
  const before = changes[0]?.before;
  // A person has done it, and it stays so.
  if (changes.length === 0) return how === 'pause' ? 'paused already' : 'stopped already';
  if (how === 'scale') return replicas(typeof before === 'number' ? before : 1);
  if (how === 'shutdown') return 'shuts its pods down';
  if (role === 'gitops') return 'its sync is paused';
  return role === 'schedule' ? 'suspended' : 'paused';
}

function servesText({ serves = [] }: Owner): string {
  if (serves.length === 0) return '';
  const [first = ''] = serves;
  const others = serves.length === 1 ? first : `${first} and ${serves.length - 1} more`;
  return `also serves ${others}: they run on, unmanaged meanwhile`;
}

const wayTexts: Record<StopWay, string> = {
  scale: '',
  suspend: 'suspended',
  unschedule: 'asks for a node that there is not',
  remake: 'deleted, and made again',
  delete: 'deleted; its operator makes them again',
  wait: 'ended by its owner',
};

function workloadText({ replicas: wanted, how = 'scale', kind }: PlanWorkload): string {
  const amount = how === 'scale' ? replicas(wanted) : `${wanted} pod${wanted === 1 ? '' : 's'}`;
  if (how === 'scale' || kind === '') return amount;
  return wanted === 0 ? wayTexts[how] : `${amount}, ${wayTexts[how]}`;
}

function rankText({ rank = 0 }: PlanWorkload, all: readonly PlanWorkload[]): string {
  const isOrdered = all.some((other) => (other.rank ?? 0) !== rank);
  return isOrdered && rank > 1 ? 'once those before are gone' : '';
}

function replicas(count: number): string {
  return `${count} replica${count === 1 ? '' : 's'}`;
}
