/** Whether the store that a backup is to go to takes it: Velero would make the backup, and have it fail. */
import type { Cluster } from '../cluster/cluster.ts';
import type { Finding } from '../errors.ts';
import { listForVelero } from './find.ts';
import type { StorageLocation } from './resources.ts';
import { storageLocations } from './resources.ts';

/**
 * As far as the user may look.
 * @param named undefined: the one that is marked as the default; the server's own default is not known
 * @param isLater for a schedule: a store that is down now may be up when its time comes
 */
export async function locationFindings(
  cluster: Cluster,
  home: string,
  named: string | undefined,
  { isLater = false } = {},
): Promise<Finding[]> {
  const present = await listForVelero(cluster, storageLocations, home);
  return present.length === 0 ? [] : findingsAmong(present, named, isLater);
}

/** Pure. */
export function findingsAmong(
  present: readonly StorageLocation[],
  named: string | undefined,
  isLater: boolean,
): Finding[] {
  const meant = present.find(({ metadata, spec }) =>
    named === undefined ? spec?.default === true : metadata.name === named,
  );
  if (meant === undefined) {
    const names = present.map(({ metadata }) => metadata.name).sort();
    const problem = 'there is no such BackupStorageLocation';
    return named === undefined ? [] : [{ about: named, problem, remedy: `there are: ${names.join(', ')}` }];
  }
  const about = `store ${meant.metadata.name}`;
  if (meant.spec?.accessMode === 'ReadOnly') {
    return [{ about, problem: 'is read-only: nothing is backed up there', remedy: 'name another store' }];
  }
  const { phase, message = '' } = meant.status ?? {};
  if (phase !== 'Unavailable' || isLater) return [];
  const problem = `is Unavailable${message === '' ? '' : `: ${message}`}`;
  return [{ about, problem, remedy: 'see what is wrong with it: kubectl pvsnap doctor velero' }];
}
