/** Which claims a backup must hold, where what it was asked for tells. */
import { ifAllowed } from '../cluster/access.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { claims } from '../cluster/resources.ts';
import { claimNamespacesOf, covers } from './backups.ts';
import type { BackupSpec } from './resources.ts';

/**
 * Those that have a volume, as `namespace/name`. None where labels or kinds choose, which Velero judges by more than the
 * claims, and none for a user who may not list them: then the backup's own list is all there is to go by.
 */
export async function claimsSelectedBy(cluster: Cluster, spec: BackupSpec): Promise<string[]> {
  const { labelSelector, orLabelSelectors, includedResources } = spec;
  const isChosen =
    labelSelector !== undefined || orLabelSelectors !== undefined || (includedResources ?? []).length > 0;
  if (isChosen) return [];
  return (await ifAllowed(claimsIn(cluster, spec))) ?? [];
}

/** Those that have a volume: of the others Velero can hold nothing. @returns `namespace/name` */
export async function claimsIn(
  cluster: Cluster,
  spec: Pick<BackupSpec, 'includedNamespaces' | 'excludedNamespaces'>,
  labelSelector?: string,
): Promise<string[]> {
  const places = claimNamespacesOf(spec.includedNamespaces ?? []) ?? [undefined];
  const found = await Promise.all(places.map((namespace) => cluster.list(claims, { namespace, labelSelector })));
  const bound = found.flat().filter(({ status }) => status?.phase === 'Bound');
  return bound
    .filter(({ metadata }) => covers({ spec }, metadata.namespace ?? ''))
    .map(({ metadata: { namespace = '', name } }) => `${namespace}/${name}`);
}
