/** The claim that is provisioned from a snapshot. The planner tries it on the server, the first step makes it. */
import type { Claim } from '../cluster/objects.ts';
import { labelsForSnapshot } from '../sets/labels.ts';
import type { ClaimManifest } from '../sets/manifest.ts';
import { operationMark, restoredFromAnnotation } from './marks.ts';
import type { RestoreMember, RestorePlan } from './plan.ts';
import { isAsNew } from './plan.ts';

/** Asks the scheduler's question for it: volume.kubernetes.io/selected-node, k8s.io/component-helpers/storage/volume. */
export const selectedNode = 'volume.kubernetes.io/selected-node';

/** The claim to be provisioned: the same class, modes and size as the one to come, with the snapshot as its source. */
export function stagingClaim(plan: RestorePlan, member: RestoreMember, node: string | undefined): Claim {
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
      dataSource: snapshotSource(member.snapshot),
    },
  };
}

/** The claim itself, made again from the snapshot. */
export function replacingClaim(plan: RestorePlan, member: RestoreMember, node: string | undefined): Claim {
  const { manifest, snapshot } = member;
  const { metadata, spec } = manifest;
  return {
    ...manifest,
    metadata: {
      ...metadata,
      namespace: plan.namespace,
      annotations: { ...metadata.annotations, ...(node !== undefined && { [selectedNode]: node }) },
    },
    spec: { ...provisionedSpec(spec), dataSource: snapshotSource(snapshot) },
  };
}

/** Whether this claim is the one that the operation has made again. */
export function isMadeAgain({ metadata, spec }: Claim, plan: RestorePlan, { snapshot }: RestoreMember): boolean {
  return metadata.annotations?.[operationMark] === plan.operation && spec?.dataSource?.name === snapshot;
}

function snapshotSource(name: string): { apiGroup: string; kind: string; name: string } {
  return { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name };
}

/** A selector can't be provisioned for, and the volume that it once chose is not the one to be made. */
function provisionedSpec(spec: ClaimManifest['spec']): NonNullable<ClaimManifest['spec']> {
  const { selector: _, ...rest } = spec ?? {};
  return rest;
}
