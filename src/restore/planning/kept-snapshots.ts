/** The safety sets that a commit deletes: those of the operation itself, and of those that it has undone. */
import type { Cluster } from '../../cluster/cluster.ts';
import type { Claim } from '../../cluster/objects.ts';
import { compareNatural } from '../../cluster/natural-order.ts';
import { snapshots } from '../../cluster/resources.ts';
import type { Finding } from '../../errors.ts';
import { setLabel } from '../../sets/marks.ts';
import { memberOf, restoreSizeBytes } from '../../sets/member.ts';
import type { DoomedSnapshot } from '../commit-plan.ts';
import type { Recorded } from '../records.ts';

/** Only sets that are named as safety sets are: whoever may write records could name there any other. */
export function setsOf(recorded: Recorded | undefined): string[] {
  if (recorded?.plan.kind !== 'restore') return [];
  const { safetySet, inherits = [] } = recorded.plan;
  return [safetySet ?? '', ...inherits].filter((set) => /^safety-(restore|undo)-/.test(set));
}

export async function readSnapshots(
  cluster: Cluster,
  namespace: string,
  sets: readonly string[],
): Promise<DoomedSnapshot[]> {
  const found = await Promise.all(
    sets.map((set) => cluster.list(snapshots, { namespace, labelSelector: `${setLabel}=${set}` })),
  );
  const doomed = found.flat().map((snapshot): DoomedSnapshot => {
    const { name, uid = '', creationTimestamp = '', labels = {} } = snapshot.metadata;
    const member = memberOf(snapshot, undefined);
    return {
      snapshot: name,
      uid,
      claim: member.claim,
      set: labels[setLabel] ?? '',
      sizeBytes: restoreSizeBytes(member) ?? 0,
      createdAt: creationTimestamp,
    };
  });
  return doomed.sort((a, b) => compareNatural(a.claim, b.claim) || compareNatural(a.snapshot, b.snapshot));
}

/** It may be deleted only where the claim has data. */
export function onlySnapshot({ snapshot, claim: name, set }: DoomedSnapshot, present: readonly Claim[]): Finding[] {
  const claim = present.find(({ metadata }) => metadata.name === name);
  if (claim?.status?.phase === 'Bound' && claim.metadata.deletionTimestamp === undefined) return [];
  return [
    {
      about: name,
      problem: `there is no claim of that name that is Bound: ${snapshot} may be the only copy of its data`,
      remedy: `to bring it back: kubectl pvsnap restore ${set} --only pvc/${name}; to delete it all the same: kubectl delete vs ${snapshot}`,
    },
  ];
}
