/** The claim that is provisioned from a snapshot. The planner tries it on the server, the first step makes it. */
import type { Claim } from '../cluster/objects.ts';
import { labelsForSnapshot } from '../sets/labels.ts';
import type { ClaimManifest } from '../sets/manifest.ts';
import { operationMark, restoredFromAnnotation } from './marks.ts';
import type { Plan, PlanMember } from './plan.ts';
import { isAsNew } from './plan.ts';

/** Asks the scheduler's question for it: volume.kubernetes.io/selected-node, k8s.io/component-helpers/storage/volume. */
export const selectedNode = 'volume.kubernetes.io/selected-node';

/** The claim to be provisioned: the same class, modes and size as the one to come, with the snapshot as its source. */
export function stagingClaim(plan: Plan, member: PlanMember, node: string | undefined): Claim {
  const { spec, metadata } = member.manifest;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: member.staging,
      namespace: plan.namespace,
      labels: { ...(isAsNew(plan) && labelsForSnapshot(metadata.labels)), [operationMark]: plan.operation },
      annotations: {
        [restoredFromAnnotation]: member.snapshot,
        [operationMark]: plan.operation,
        ...(node !== undefined && { [selectedNode]: node }),
      },
    },
    spec: {
      ...provisionedSpec(spec),
      dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: member.snapshot },
    },
  };
}

/** A selector can't be provisioned for, and the volume that it once chose is not the one to be made. */
function provisionedSpec(spec: ClaimManifest['spec']): NonNullable<ClaimManifest['spec']> {
  const { selector: _, ...rest } = spec ?? {};
  return rest;
}
