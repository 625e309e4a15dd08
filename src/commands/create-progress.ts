/** How the members of a set come along, and what is said at the end. */
import type { Snapshot } from '../cluster/objects.ts';
import { parseQuantity, readableBytes } from '../cluster/quantity.ts';
import type { MemberState } from '../sets/member.ts';
import { cutAt, memberOf, problemOf, restoreSizeBytes, stateOf } from '../sets/member.ts';
import type { SetPlan } from '../sets/prepare.ts';
import { readyCount, sizeBytes, skewOf } from '../sets/set.ts';
import type { Taken } from '../sets/take.ts';
import { compact, seconds } from '../terminal/age.ts';
import type { Output } from '../terminal/output.ts';
import { openProgress } from '../terminal/progress.ts';

export interface CreateProgress {
  show: (snapshot: Snapshot) => void;
  /** Adds what is known at the end only: how far each cut lies behind the first. */
  finish: (taken: Taken) => void;
  close: () => void;
}

const tones = { ready: 'good', retrying: 'bad', deleting: 'bad', creating: 'busy', cutting: 'busy' } as const;

export function openCreateProgress(output: Output, plan: SetPlan): CreateProgress {
  const progress = openProgress(output, { columns: ['CLAIM', 'CLASS', 'STATE'] });
  const startedAtMs = Date.now();
  const tries = new Map<string, Set<string>>();
  const set = (snapshot: Snapshot, state: MemberState, details: string[]): void => {
    const { source, volumeSnapshotClassName = '' } = snapshot.spec;
    const claim = source.persistentVolumeClaimName ?? '';
    const since = state === 'creating' || state === 'cutting' ? startedAtMs : undefined;
    progress.set(claim, [claim, volumeSnapshotClassName, state, ...details], tones[state], since);
  };
  if (output.interactive) for (const snapshot of plan.snapshots) set(snapshot, 'creating', []);
  return {
    show: (snapshot) => {
      const state = stateOf(memberOf(snapshot, undefined));
      set(snapshot, state, detailsOf(snapshot, state, tries));
    },
    finish: ({ set: { members } }) => {
      const first = Math.min(...members.map((member) => cutAt(member)?.ms ?? Infinity));
      for (const member of members) {
        const cut = cutAt(member);
        if (stateOf(member) !== 'ready' || cut?.exact !== true) continue;
        const size = readableBytes(restoreSizeBytes(member) ?? 0);
        set(member.snapshot, 'ready', [size, `+${Math.round(cut.ms - first)} ms`]);
      }
    },
    close: () => {
      progress.close();
    },
  };
}

/** `6 of 6 ready in 1.4 s, skew 41 ms, 24Gi` */
export function summaryOf({ set }: Taken, plan: SetPlan, elapsedMs: number): string {
  const skew = skewOf(set.members);
  const parts = [`${readyCount(set)} of ${plan.snapshots.length} ready in ${seconds(elapsedMs)}`];
  if (skew !== undefined) parts.push(skew.exact ? `skew ${seconds(skew.ms)}` : `skew below ${compact(skew.ms + 1000)}`);
  parts.push(readableBytes(sizeBytes(set)));
  return parts.join(', ');
}

function detailsOf(snapshot: Snapshot, state: MemberState, tries: Map<string, Set<string>>): string[] {
  const member = memberOf(snapshot, undefined);
  if (state === 'ready') return [readableBytes(parseQuantity(snapshot.status?.restoreSize ?? '') ?? 0)];
  if (state !== 'retrying') return [];
  const seen = tries.get(snapshot.metadata.name) ?? new Set();
  tries.set(snapshot.metadata.name, seen.add(snapshot.status?.error?.time ?? ''));
  return [`driver: ${problemOf(member) ?? 'no reason given'} (try ${seen.size})`];
}
