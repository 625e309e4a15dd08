/** Whether the files of a backup can be read from here, as a restore reads them: through an address that Velero signs. */
import type { Cluster } from '../../cluster/cluster.ts';
import { FailedError, RefusedError } from '../../errors.ts';
import type { Finding } from '../../errors.ts';
import { download } from '../download.ts';
import { readWhole } from '../read-whole.ts';
import type { Backup, StorageLocation } from '../resources.ts';
import { authorityOf } from '../store.ts';
import type { Seen } from './check.ts';
import { hasStatus } from '../find.ts';

/** Errors and warnings, packed. */
const mostBytes = 64 * 2 ** 20;

interface StoreRequest {
  cluster: Cluster;
  namespace: string;
  backups: readonly Backup[];
  locations: readonly StorageLocation[];
  storeAddress: string | undefined;
  signal: AbortSignal;
}

/** Of each store the newest backup that is Completed. */
export async function checkStoreFiles(request: StoreRequest): Promise<Seen> {
  const chosen = request.locations.flatMap((location) => {
    const backup = newestIn(location, request.backups);
    return backup === undefined ? [] : [{ location, backup }];
  });
  if (chosen.length === 0) return { seen: ['there is no Completed backup to read a file of'], findings: [] };
  const each = await Promise.all(chosen.map(({ location, backup }) => readOne(request, location, backup)));
  return { seen: each.flatMap(({ seen }) => seen), findings: each.flatMap(({ findings }) => findings) };
}

/** Velero writes the name of the default into a backup that names none. */
function newestIn(location: StorageLocation, backups: readonly Backup[]): Backup | undefined {
  const isIn = ({ spec, status }: Backup): boolean =>
    status?.phase === 'Completed' && spec?.storageLocation === location.metadata.name;
  const endOf = ({ status }: Backup): number => Date.parse(status?.completionTimestamp ?? '') || 0;
  return backups.filter(isIn).sort((a, b) => endOf(b) - endOf(a))[0];
}

async function readOne(
  { cluster, namespace, storeAddress: address, signal }: StoreRequest,
  location: StorageLocation,
  { metadata: { name: backup } }: Backup,
): Promise<Seen> {
  const about = `store ${location.metadata.name}`;
  const authority = authorityOf(location);
  try {
    // Small, and written last. A store that says that it isn't there has been read all the same.
    const file = await download(cluster, { namespace, backup, kind: 'BackupResults' }, { address, authority }, signal);
    if (file !== undefined) await readWhole(file, mostBytes);
    return { seen: [`${about}: a file of ${backup} can be read from here`], findings: [] };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof FailedError) return { seen: [], findings: [{ about, problem: error.message }] };
    if (!(error instanceof RefusedError) || error.findings.length === 0) throw error;
    const isOpenShift = await servesRoutes(cluster);
    return { seen: [], findings: error.findings.map((finding) => explained(about, finding, isOpenShift)) };
  }
}

function explained(about: string, { about: whose, problem, remedy = '' }: Finding, isOpenShift: boolean): Finding {
  const isSilence = whose === 'Velero';
  const route =
    '; on OpenShift a Route gives the store an address: oc expose service, then config.publicUrl of the BackupStorageLocation';
  return {
    about,
    problem: isSilence ? `its files can't be read: Velero ${problem}` : problem,
    // It would point here.
    remedy: isSilence
      ? 'see whether its server runs (server, above), and look at its log'
      : remedy + (isOpenShift && remedy.includes('--store-address') ? route : ''),
  };
}

async function servesRoutes(cluster: Cluster): Promise<boolean> {
  try {
    await cluster.ask({ method: 'GET', path: '/apis/route.openshift.io' });
    return true;
  } catch (error) {
    if (hasStatus(error, 403, 404)) return false;
    throw error;
  }
}
