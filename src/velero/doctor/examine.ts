/** All checks of `doctor velero`, side by side. */
import { ifAllowed } from '../../cluster/access.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { claims, snapshotClasses, storageClasses, volumes } from '../../cluster/resources.ts';
import { together } from '../../cluster/together.ts';
import { schedules } from '../resources.ts';
import { checkBackups } from './backups.ts';
import type { Check, Seen } from './check.ts';
import { NotChecked, runCheck } from './check.ts';
import { checkClasses, driversInUse } from './classes.ts';
import { checkGroups, groupLabel } from './groups.ts';
import { leftoverChecks } from './leftover-checks.ts';
import type { Leftover } from './leftovers.ts';
import { checkLocations } from './locations.ts';
import { claimsOnDrivers, readingsOf } from './readings.ts';
import type { Readings } from './readings.ts';
import { checkSchedules } from './schedules.ts';
import { checkServer } from './server.ts';
import { isCsiEnabled } from '../server-flags.ts';
import { checkStoreFiles } from './store-files.ts';
import { findVeleros, hasStatus } from '../find.ts';

export interface Examination {
  veleroNamespace: string | undefined;
  /** Whose claims, volumes and snapshots are meant; all namespaces when absent. */
  namespace: string | undefined;
  /** HOST:PORT by which the store is reached from here. */
  storeAddress: string | undefined;
  nowMs: number;
  /** A duration as people read it. */
  ago: (ms: number) => string;
  signal: AbortSignal;
}

export interface Report {
  /** Of the Velero that was looked at; absent where there is none, or there are several. */
  veleroNamespace?: string;
  /** How many checks found one. */
  problems: number;
  checks: Check[];
  /** What `--fix` would remove. */
  leftovers: Leftover[];
}

/**
 * Writes nothing but a DownloadRequest, which goes again.
 * @throws ClusterError when the API server doesn't answer; what it refuses to show ends a check, not the others
 */
export async function examine(cluster: Cluster, examination: Examination): Promise<Report> {
  const { veleroNamespace: told } = examination;
  const veleros = told === undefined ? await findVeleros(cluster) : [told];
  const veleroNamespace = veleros.length === 1 ? veleros[0] : undefined;
  const readings = readingsOf(cluster, veleroNamespace);
  const ofServer =
    veleroNamespace === undefined
      ? [runCheck('server', () => Promise.resolve(undecided(veleros)))]
      : ofVelero(cluster, examination, veleroNamespace, readings);
  const [checks, left] = await together([
    together([...ofServer, ...ofCluster(cluster, examination, readings)]),
    leftoverChecks(cluster, { namespace: examination.namespace, veleroNamespace }),
  ]);
  const all = [...checks, ...left.checks];
  return {
    ...(veleroNamespace !== undefined && { veleroNamespace }),
    problems: all.filter(({ state }) => state === 'problem').length,
    checks: all,
    leftovers: left.removable,
  };
}

function undecided(veleros: readonly string[]): Seen {
  const [first] = veleros;
  const about = 'Velero';
  if (first !== undefined) {
    const problem = `is there several times: ${veleros.join(', ')}`;
    return {
      seen: [],
      findings: [{ about, problem, remedy: `say which one to look at: --velero-namespace ${first}` }],
    };
  }
  const problem = 'was not found where you may look';
  const remedy =
    'it is where its BackupStorageLocations are (kubectl get backupstoragelocations.velero.io -A): name that namespace with --velero-namespace';
  return { seen: [], findings: [{ about, problem, remedy }] };
}

function ofVelero(cluster: Cluster, examination: Examination, namespace: string, readings: Readings): Promise<Check>[] {
  const { nowMs, ago, storeAddress, signal } = examination;
  return [
    runCheck('server', async () => checkServer(await readings.deployment(), namespace)),
    runCheck('stores', async () => {
      const deployment = await ifAllowed(readings.deployment());
      return checkLocations(await readings.locations(), { namespace, deployment, nowMs, ago });
    }),
    runCheck('store files', async () => {
      const [backups, locations, deployment] = await together([
        readings.backups(),
        readings.locations(),
        ifAllowed(readings.deployment()),
      ]);
      // It would have to sign the address, and is waited for in vain.
      if (deployment !== undefined && (deployment.status?.readyReplicas ?? 0) === 0) {
        throw new NotChecked("the server doesn't run, and signs no addresses");
      }
      return checkStoreFiles({ cluster, namespace, backups, locations, storeAddress, signal });
    }),
    runCheck('backups', async () => {
      const [backups, deployment, claimsNow] = await together([
        readings.backups(),
        ifAllowed(readings.deployment()),
        ifAllowed(claimsOnDrivers(cluster, examination.namespace)),
      ]);
      return checkBackups(backups, { claims: claimsNow, isCsiEnabled: deployment && isCsiEnabled(deployment), nowMs });
    }),
    runCheck('schedules', async () => checkSchedules(await cluster.list(schedules, { namespace }), nowMs, ago)),
  ];
}

function ofCluster(cluster: Cluster, { namespace }: Examination, readings: Readings): Promise<Check>[] {
  return [
    runCheck('classes', async () =>
      checkClasses(await cluster.list(snapshotClasses), await driversOfCluster(cluster, namespace)),
    ),
    runCheck('groups', async () => {
      const deployment = await ifAllowed(readings.deployment());
      const label = groupLabel(deployment);
      const grouped = await cluster.list(claims, { namespace, labelSelector: label });
      return checkGroups(grouped, { label, versions: await groupVersions(cluster), deployment });
    }),
  ];
}

/** Where volumes may not be read, the provisioners of all StorageClasses. */
async function driversOfCluster(cluster: Cluster, namespace: string | undefined): Promise<ReadonlyMap<string, number>> {
  const known = await ifAllowed(cluster.list(volumes));
  if (known !== undefined) return driversInUse(known, namespace);
  return new Map((await cluster.list(storageClasses)).map(({ provisioner }) => [provisioner, 0]));
}

/** None where the cluster has no such group. */
async function groupVersions(cluster: Cluster): Promise<string[]> {
  try {
    const group = await cluster.ask({ method: 'GET', path: '/apis/groupsnapshot.storage.k8s.io' });
    return (group as { versions?: { version: string }[] }).versions?.map(({ version }) => version) ?? [];
  } catch (error) {
    if (hasStatus(error, 404)) return [];
    throw error;
  }
}
