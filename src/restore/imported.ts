/**
 * Snapshots that are on storage alone, as objects that claims can be made from: a content for the handle, and a snapshot
 * bound to it (external-snapshotter calls them pre-provisioned). They are there for one operation.
 */
import type { Content, Snapshot } from '../cluster/objects.ts';
import { formatQuantity } from '../cluster/quantity.ts';
import type { Member } from '../sets/member.ts';
import type { StoredSet, StoredSnapshot } from '../sets/stored.ts';
import { operationMark } from './marks.ts';
import type { Plan, RestoreMember, RestorePlan, StoredSource } from './plan.ts';

interface Place {
  operation: string;
  namespace: string;
}

interface Imported extends StoredSource {
  snapshot: string;
}

export function importedOf({ snapshot, stored }: RestoreMember): Imported | undefined {
  return stored && { ...stored, snapshot };
}

/** The controller fills in the uid. Always Retain: whatever becomes of the object, the snapshot stays on storage. */
export function importedContent({ operation, namespace }: Place, imported: Imported): Content {
  const { content, handle, driver, className, volumeMode, snapshot } = imported;
  return {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshotContent',
    metadata: { name: content, labels: { [operationMark]: operation } },
    spec: {
      deletionPolicy: 'Retain',
      driver,
      source: { snapshotHandle: handle },
      ...(volumeMode !== undefined && { sourceVolumeMode: volumeMode }),
      ...(className !== undefined && { volumeSnapshotClassName: className }),
      volumeSnapshotRef: { namespace, name: snapshot },
    },
  };
}

export function importedSnapshot({ operation, namespace }: Place, imported: Imported): Snapshot {
  const { content, className, snapshot } = imported;
  return {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshot',
    metadata: { name: snapshot, namespace, labels: { [operationMark]: operation } },
    spec: {
      source: { volumeSnapshotContentName: content },
      ...(className !== undefined && { volumeSnapshotClassName: className }),
    },
  };
}

/** Such a snapshot as it will be once it is imported, to judge beforehand whether a claim can be made from it. */
export function memberToImport(stored: StoredSnapshot, place: Place, imported: Imported): Member {
  const content = importedContent(place, imported);
  const snapshot = importedSnapshot(place, imported);
  const { cutAtNs, sizeBytes } = stored;
  return {
    claim: stored.claim,
    snapshot: {
      ...snapshot,
      status: {
        readyToUse: true,
        boundVolumeSnapshotContentName: imported.content,
        restoreSize: formatQuantity(sizeBytes),
      },
    },
    content: {
      ...content,
      status: { restoreSize: sizeBytes, ...(cutAtNs !== undefined && { creationTime: cutAtNs }) },
    },
  };
}

/**
 * Whether what a plan says of its snapshots on storage is what its source says of them; also of the mode, which keeps
 * people from reading a file system as a block device.
 */
export function agreesWith({ members }: Plan, { snapshots }: StoredSet): boolean {
  return members.every((member) => {
    const named = 'staging' in member ? member.stored : undefined;
    return snapshots.some(
      ({ claim, handle, driver, volumeMode }) =>
        claim === member.claim &&
        handle === named?.handle &&
        driver === named.driver &&
        volumeMode === named.volumeMode,
    );
  });
}

/** Whether an object of the cluster is what the operation has made, or would make. */
export function isImported(
  { operation, namespace }: Pick<RestorePlan, 'operation' | 'namespace'>,
  { metadata, spec }: Content,
): boolean {
  return (
    metadata.labels?.[operationMark] === operation &&
    spec.volumeSnapshotRef.namespace === namespace &&
    spec.source.snapshotHandle !== undefined
  );
}
