/** Which claims a backup must hold, where what it was asked for tells. */
import type { Cluster } from '../cluster/cluster.ts';
import { claims } from '../cluster/resources.ts';
import { ClusterError } from '../errors.ts';
import { claimNamespacesOf } from './backups.ts';
import type { BackupSpec } from './resources.ts';

/**
 * Those that have a volume, as `namespace/name`. None where labels or kinds choose, which Velero judges by more than the
 * claims, and none for a user who may not list them: then the backup's own list is all there is to go by.
 */
export async function claimsSelectedBy(cluster: Cluster, spec: BackupSpec): Promise<string[]> {
  const { includedNamespaces = [], excludedNamespaces = [], labelSelector, orLabelSelectors, includedResources } = spec;
  const isChosen =
    labelSelector !== undefined || orLabelSelectors !== undefined || (includedResources ?? []).length > 0;
  if (isChosen) return [];
  try {
    const places = claimNamespacesOf(includedNamespaces) ?? [undefined];
    const found = (await Promise.all(places.map((namespace) => cluster.list(claims, { namespace })))).flat();
    return found
      .filter(
        ({ metadata, status }) => status?.phase === 'Bound' && !excludedNamespaces.includes(metadata.namespace ?? ''),
      )
      .map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`);
  } catch (error) {
    if (error instanceof ClusterError && error.status === 403) return [];
    throw error;
  }
}
