import type { Snapshot } from '../cluster/objects.ts';

/**
 * Snapshots of a claim, other than the one to restore, that aren't ready yet: each protects its source claim with
 * snapshot.storage.kubernetes.io/pvc-as-source-protection.
 */
export function unfinishedOf(claim: string, restored: string, all: readonly Snapshot[]): string[] {
  return all
    .filter(({ spec, status }) => spec.source.persistentVolumeClaimName === claim && status?.readyToUse !== true)
    .map(({ metadata }) => metadata.name)
    .filter((name) => name !== restored);
}
