import { test } from 'node:test';
import type { KubeObject } from '../cluster/api.ts';
import { openNamespace } from '../cluster/namespace.ts';
import { openVelero } from '../cluster/velero.ts';
import { fill, runStatefulSet } from './restore-app.ts';

test('bed', async (t) => {
  const velero = await openVelero(t);
  const app = await openNamespace(t);
  const claims = await runStatefulSet(app, 'db', { replicas: 2 });
  await fill(app, claims, 'before');
  await velero.home.apply([
    { apiVersion: 'velero.io/v1', kind: 'Backup', metadata: { name: `b-${app.name}` }, spec: { includedNamespaces: [app.name] } },
  ]);
  const b = await velero.home.waitFor<KubeObject & { status?: { phase?: string } }>('Backup', `b-${app.name}`, ({ status }) => ['Completed', 'PartiallyFailed', 'Failed', 'FailedValidation'].includes(status?.phase ?? ''));
  console.log(JSON.stringify(b, undefined, 1));
  const { readVolumeInfos } = await import('../../src/velero/volume-infos.ts');
  const { readContents } = await import('../../src/velero/contents.ts');
  const { download } = await import('../../src/velero/download.ts');
  const { openCluster } = await import('../../src/cluster/cluster.ts');
  const cluster = openCluster({ kubeconfig: app.cluster.kubeconfig } as never);
  const access = { address: undefined, authority: undefined };
  for (const kind of ['BackupVolumeInfos', 'BackupContents'] as const) {
    const f = await download(cluster, { namespace: velero.home.name, backup: `b-${app.name}`, kind }, access);
    if (f === undefined) throw new Error('none');
    console.log(JSON.stringify(kind === 'BackupContents' ? await readContents(f).then((c) => [[...c.claims], [...c.contents]]) : await readVolumeInfos(f), undefined, 1));
  }
  cluster.close();
});
