/** A set in full: its members, with what the storage calls them, and what is wrong with it. */
import { readableBytes } from '../../cluster/quantity.ts';
import type { Member } from '../../sets/member.ts';
import { cutAt, problemOf, restoreSizeBytes, stateOf } from '../../sets/member.ts';
import type { SnapshotSet } from '../../sets/set.ts';
import { isComplete, readyCount, sharedLabels, sizeBytes, skewOf } from '../../sets/set.ts';
import { age, seconds } from '../../terminal/age.ts';
import type { Field } from '../../terminal/description.ts';

export function setFields(set: SnapshotSet, programName: string): Field[] {
  const skew = skewOf(set.members);
  const all = Math.max(set.expected, set.members.length);
  const createdAt = new Date(set.createdAtMs).toISOString();
  return [
    ['Name', set.name],
    ['Namespace', set.namespace],
    ['Labels', Object.entries(sharedLabels(set)).map(([key, value]) => `${key}=${value}`)],
    ['Taken By', set.takenBy],
    ['Target', set.target],
    ['Created', `${createdAt} (${age(Date.now() - set.createdAtMs)} ago)`],
    ['Ready', `${readyCount(set)} of ${all}`],
    ['Skew', skew === undefined ? '<unknown>' : `${skew.exact ? '' : 'less than '}${seconds(skewMs(skew))}`],
    ['Size', readableBytes(sizeBytes(set))],
    [
      'Members',
      { columns: ['Claim', 'Snapshot', 'Content', 'Handle', 'State', 'Size', 'Cut'], rows: set.members.map(rowOf) },
    ],
    ['Problems', problemsOf(set)],
    ...(isComplete(set)
      ? [['Next', `${programName} restore ${set.name} -n ${set.namespace} --dry-run=client`] as const]
      : []),
  ];
}

/** Where only whole seconds are known, a second more is possible. */
function skewMs({ ms, exact }: { ms: number; exact: boolean }): number {
  return exact ? ms : ms + 1000;
}

function rowOf(member: Member): string[] {
  const { claim, snapshot, content } = member;
  const size = restoreSizeBytes(member);
  const cut = cutAt(member);
  return [
    claim === '' ? '<none>' : claim,
    snapshot.metadata.name,
    snapshot.status?.boundVolumeSnapshotContentName ?? '<none>',
    content?.status?.snapshotHandle ?? '<unknown>',
    stateOf(member),
    size === undefined ? '<unknown>' : readableBytes(size),
    cut === undefined ? '<none>' : new Date(cut.ms).toISOString(),
  ];
}

function problemsOf(set: SnapshotSet): string[] {
  const missing = set.expected - set.members.length;
  const gone = `${missing} of ${set.expected} snapshots ${missing === 1 ? 'is' : 'are'} gone`;
  const said = set.members.flatMap((member) => {
    const problem = problemOf(member);
    return problem === undefined ? [] : [`${member.snapshot.metadata.name}: ${problem}`];
  });
  return [...(missing > 0 ? [gone] : []), ...said];
}
