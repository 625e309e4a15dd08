/** The safety sets that a commit deletes: those of the operation itself, and of those that it has undone. */
import type { Cluster } from '../../cluster/cluster.ts';
import type { Claim } from '../../cluster/objects.ts';
import { compareNatural } from '../../cluster/natural-order.ts';
import { snapshots } from '../../cluster/resources.ts';
import type { Finding } from '../../errors.ts';
import { setLabel } from '../../sets/marks.ts';
import { memberOf, restoreSizeBytes } from '../../sets/member.ts';
import type { DoomedSnapshot } from '../commit-plan.ts';
import { operationMark } from '../marks.ts';
import type { Recorded } from '../records.ts';

/** Only sets that are named as safety sets are: whoever may write records could name there any other. */
export function setsOf(recorded: Recorded | undefined): string[] {
  if (recorded === undefined) return [];
  const { plan } = recorded;
  const { inherits = [] } = plan;
  const safetySet = plan.kind === 'restore' ? plan.safetySet : undefined;
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

/** Since the snapshot was taken, and by no operation: by a StatefulSet, empty, for one. */
function isMadeAnew({ metadata }: Claim, { createdAt }: DoomedSnapshot): boolean {
  const isLater = Date.parse(metadata.creationTimestamp ?? '') > Date.parse(createdAt);
  return isLater && metadata.annotations?.[operationMark] === undefined;
}

/** It may be deleted only where the claim has data. */
export function onlySnapshot(doomed: DoomedSnapshot, present: readonly Claim[]): Finding[] {
  const { snapshot, claim: name, set } = doomed;
  const claim = present.find(({ metadata }) => metadata.name === name);
  const isBound = claim?.status?.phase === 'Bound' && claim.metadata.deletionTimestamp === undefined;
  if (isBound && !isMadeAnew(claim, doomed)) return [];
  const why = isBound ? 'it has been made again by somebody else' : 'there is no claim of that name that is Bound';
  return [
    {
      about: name,
      problem: `${why}: ${snapshot} may be the only copy of its data`,
      remedy: `to bring it back: kubectl pvsnap restore ${set} --only pvc/${name}; to delete it all the same: kubectl delete vs ${snapshot}`,
    },
  ];
}
