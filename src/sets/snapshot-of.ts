/** A snapshot of a claim, as a member of a set: all that is needed to make the claim again stands on it. */
import type { Claim, Snapshot } from '../cluster/objects.ts';
import { apiVersionOf, snapshots } from '../cluster/resources.ts';
import { labelsForSnapshot } from './labels.ts';
import { manifestOf } from './manifest.ts';
import { claimAnnotation, membersAnnotation, setLabel, targetAnnotation } from './marks.ts';

interface Membership {
  /** The set's. */
  name: string;
  namespace: string;
  /** What the set is taken of. */
  target: string;
  /** How many snapshots the set has. */
  members: number;
}

export function snapshotOf(
  claim: Claim,
  { name: set, namespace, target, members }: Membership,
  { name, className }: { name: string; className: string },
): Snapshot {
  return {
    apiVersion: apiVersionOf(snapshots),
    kind: snapshots.kind,
    metadata: {
      name,
      namespace,
      labels: { ...labelsForSnapshot(claim.metadata.labels), [setLabel]: set },
      annotations: {
        [membersAnnotation]: String(members),
        [targetAnnotation]: target,
        [claimAnnotation]: JSON.stringify(manifestOf(claim)),
      },
    },
    spec: { source: { persistentVolumeClaimName: claim.metadata.name }, volumeSnapshotClassName: className },
  };
}
