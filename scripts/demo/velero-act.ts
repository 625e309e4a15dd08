/** The second act: the same Kafka, backed up by a real Velero, and restored from its snapshots in place. */
import type { Api, KubeObject } from '../../test/cluster/api.ts';
import type { ClusterFacts } from '../../test/cluster/facts.ts';
import { useNamespace, type Lifetime, type TestNamespace } from '../../test/cluster/namespace.ts';
import { openVeleroIn } from '../../test/cluster/velero.ts';
import { checkRestored } from './checks.ts';
import type { Commands } from './commands.ts';
import { boundVolumes, namespace } from './kafka.ts';
import { say, sayHeading } from './say.ts';
import { differences, readTrees, spoil } from './tree.ts';

const inNamespace = ['-n', namespace];
const home = 'velero';
const backup = 'nightly';

interface Scene {
  lifetime: Lifetime;
  cluster: ClusterFacts;
  api: Api;
  commands: Commands;
  /** What each claim has now, such as 8Gi. */
  size: string;
}

/** @throws Error with everything that differs from what it should be */
export async function tellVeleroAct({ lifetime, cluster, api, commands, size }: Scene): Promise<void> {
  const { pvsnap, kubectl } = commands;
  sayHeading('The second act: Velero, with an S3 store');
  const velero = await openVeleroIn(lifetime, () => openHome(lifetime, cluster, api));
  await kubectl('get', 'deployments,backupstoragelocations', '-n', home);
  await pvsnap('create', '--velero', '--name', backup, ...inNamespace);
  say('Velero keeps its snapshots out of sight: kubectl shows none, here they are sets like any other.\n');
  await kubectl('get', 'vs', '-l', `velero.io/backup-name=${backup}`, ...inNamespace);
  await pvsnap('get', 'sets', '-o', 'wide', ...inNamespace);
  await pvsnap('describe', `set/velero/${backup}`, ...inNamespace);

  sayHeading('The next disaster, and what Velero itself does about it while the claims are there');
  const former = await boundVolumes(api, cluster);
  const trees = await readTrees(former);
  await Promise.all(former.map(spoil));
  const spoiled = await readTrees(former);
  await restoreByVelero(velero.home);
  await kubectl('get', 'restores', '-o', 'custom-columns=NAME:.metadata.name,PHASE:.status.phase', '-n', home);
  const now = await readTrees(await boundVolumes(api, cluster));
  if (now.some((tree, index) => differences(tree, spoiled[index] ?? new Map()).length > 0)) {
    throw new Error('Velero has changed the data: this demo tells it otherwise');
  }
  say('Completed, and every byte is as the disaster left it.');

  sayHeading('Its backup, in place, while the claims are there');
  await pvsnap('restore', `velero/${backup}`, '--yes', ...inNamespace);
  await checkRestored(await boundVolumes(api, cluster), { former, size, trees });
  say(`All ${former.length} claims have every byte of Velero's backup, and nothing is left of what was imported.`);
  await pvsnap('undo', '--yes', ...inNamespace);
  const back = await readTrees(await boundVolumes(api, cluster));
  if (back.some((tree, index) => differences(tree, spoiled[index] ?? new Map()).length > 0)) {
    throw new Error('the undo did not bring back what there was before');
  }
  say('And back again, as with any other set.');
}

async function openHome(lifetime: Lifetime, cluster: ClusterFacts, api: Api): Promise<TestNamespace> {
  await api.create({ kind: 'Namespace', metadata: { name: home } });
  return useNamespace(lifetime, cluster, api, home);
}

interface Phased extends KubeObject {
  status?: { phase?: string };
}

/** As `velero restore create --from-backup`. */
async function restoreByVelero(velero: TestNamespace): Promise<void> {
  await velero.apply([
    { apiVersion: 'velero.io/v1', kind: 'Restore', metadata: { name: backup }, spec: { backupName: backup } },
  ]);
  await velero.waitFor<Phased>('Restore', backup, ({ status }) => status?.phase === 'Completed');
}
