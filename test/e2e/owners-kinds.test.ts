/** `restore` of claims that Jobs, CronJobs, DaemonSets, ReplicaSets, ReplicationControllers and bare pods use. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type {
  V1CronJob,
  V1DaemonSet,
  V1DaemonSetSpec,
  V1Job,
  V1PersistentVolume,
  V1PersistentVolumeClaim,
  V1Pod,
  V1ReplicaSet,
} from '@kubernetes/client-node';
import type { KubeObject } from '../cluster/api.ts';
import { openNamespace, type TestNamespace } from '../cluster/namespace.ts';
import { pod } from '../cluster/objects.ts';
import { isGone, isRunning } from '../cluster/states.ts';
import { assertAllRestored, assertInOrder, moment, succeeds } from './owners-app.ts';
import { pvsnap } from './program.ts';
import { makeClaims, takeSet } from './restore-app.ts';
import { assertFailed, everythingIn, list } from './restore-checks.ts';

describe('restore of claims that are used', { concurrency: 3 }, () => {
  test('by a Job that a CronJob has made: both are suspended meanwhile', async (t) => {
    const namespace = await openNamespace(t);
    await makeClaims(namespace, ['data']);
    await namespace.apply([cronJob('nightly', 'data')]);
    await namespace.kubectl('create', 'job', '--from=cronjob/nightly', 'one-night');
    await namespace.waitFor<V1Job>('Job', 'one-night', ({ status }) => status?.ready === 1);
    await takeSet(namespace, 'one', ['pvc/data'], ['data']);
    const moments = {
      schedule: moment<V1CronJob>(namespace, 'CronJob', 'nightly', ({ spec }) => spec.suspend === true),
      job: moment<V1Job>(namespace, 'Job', 'one-night', ({ spec }) => spec?.suspend === true),
      claim: moment(namespace, 'PersistentVolumeClaim', 'data', isGone),
    };

    await succeeds(namespace, 'restore', 'one');

    await assertInOrder(moments);
    await assertAllRestored(namespace, ['data']);
    const { spec } = await namespace.api.get<V1CronJob>('CronJob', 'nightly', namespace.name);
    assert.equal(spec.suspend, false);
    await namespace.waitFor<V1Job>('Job', 'one-night', (job) => job.spec?.suspend === false && job.status?.ready === 1);
  });

  test('by a DaemonSet: it asks for a node that there is not', async (t) => {
    const namespace = await openNamespace(t);
    await makeClaims(namespace, ['data']);
    const agent = controllerOf('DaemonSet', 'agent', 'data');
    const nodeSelector = { 'topology.kubernetes.io/zone': await zoneOf(namespace, 'data') };
    Object.assign((agent.spec as V1DaemonSetSpec).template.spec ?? {}, { nodeSelector });
    await namespace.apply([agent]);
    const isEverywhere = ({ status }: V1DaemonSet): boolean => status?.numberReady === 1;
    await namespace.waitFor<V1DaemonSet>('DaemonSet', 'agent', isEverywhere);
    await takeSet(namespace, 'one', ['pvc/data'], ['data']);
    const moments = {
      unscheduled: moment<V1DaemonSet>(namespace, 'DaemonSet', 'agent', isStopped),
      claim: moment(namespace, 'PersistentVolumeClaim', 'data', isGone),
    };

    await succeeds(namespace, 'restore', 'one');

    await assertInOrder(moments);
    await assertAllRestored(namespace, ['data']);
    const after = await namespace.waitFor<V1DaemonSet>('DaemonSet', 'agent', isEverywhere);
    assert.deepEqual(after.spec?.template.spec?.nodeSelector, nodeSelector);
  });

  for (const kind of ['ReplicaSet', 'ReplicationController'] as const) {
    test(`by a ${kind}: it is scaled to 0 and back`, async (t) => {
      const namespace = await openNamespace(t);
      await makeClaims(namespace, ['data']);
      await namespace.apply([controllerOf(kind, 'web', 'data')]);
      const isReady = ({ status, spec }: V1ReplicaSet): boolean => spec?.replicas === 2 && status?.readyReplicas === 2;
      await namespace.waitFor<V1ReplicaSet>(kind, 'web', isReady);
      await takeSet(namespace, 'one', ['pvc/data'], ['data']);
      const moments = {
        stopped: moment<V1ReplicaSet>(namespace, kind, 'web', ({ spec }) => spec?.replicas === 0),
        claim: moment(namespace, 'PersistentVolumeClaim', 'data', isGone),
      };
      await succeeds(namespace, 'restore', 'one');
      await assertInOrder(moments);
      await assertAllRestored(namespace, ['data']);
      await namespace.waitFor<V1ReplicaSet>(kind, 'web', isReady);
    });
  }

  test('by a pod of nobody: refused, and with --delete-bare-pods made again as it was', async (t) => {
    const namespace = await openNamespace(t);
    await makeClaims(namespace, ['data']);
    await namespace.apply([{ ...pod('shell', ['data']), metadata: { name: 'shell', labels: { app: 'shell' } } }]);
    await namespace.waitFor('Pod', 'shell', isRunning);
    await takeSet(namespace, 'one', ['pvc/data'], ['data']);
    const [before] = await list<V1Pod>(namespace, 'Pod');
    const all = await everythingIn(namespace);
    assertFailed(
      await pvsnap(namespace, 'restore', 'one', '--yes'),
      'nothing was changed',
      'pod/shell',
      '--delete-bare-pods',
    );
    assert.deepEqual(await everythingIn(namespace), all);

    await succeeds(namespace, 'restore', 'one', '--delete-bare-pods');

    await assertAllRestored(namespace, ['data']);
    const after = await namespace.waitFor<V1Pod>('Pod', 'shell', isRunning);
    assert.notEqual(after.metadata?.uid, before?.metadata.uid);
    assert.deepEqual(after.metadata?.labels, before?.metadata.labels);
    assert.deepEqual(after.spec?.containers[0]?.image, before?.spec?.containers[0]?.image);
    assert.deepEqual(claimsOf(after), ['data']);
  });
});

function claimsOf({ spec }: V1Pod): string[] {
  return (spec?.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) => (claim ? [claim.claimName] : []));
}

function isStopped({ spec }: V1DaemonSet): boolean {
  return spec?.template.spec?.nodeSelector?.['pvsnap.io/stopped-for'] !== undefined;
}

/** Where a volume of the driver is. */
async function zoneOf({ api, name }: TestNamespace, claim: string): Promise<string> {
  const { spec } = await api.get<V1PersistentVolumeClaim>('PersistentVolumeClaim', claim, name);
  const volume = await api.get<V1PersistentVolume>('PersistentVolume', spec?.volumeName ?? '');
  const [term] = volume.spec?.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  return term?.matchExpressions?.[0]?.values?.[0] ?? assert.fail('it is in no zone');
}

/** Of two pods, or of one on each of the two nodes, that share a claim. */
function controllerOf(
  kind: 'DaemonSet' | 'ReplicaSet' | 'ReplicationController',
  name: string,
  claim: string,
): KubeObject {
  const labels = { app: name };
  const isOld = kind === 'ReplicationController';
  const selector = isOld ? labels : { matchLabels: labels };
  const template = { metadata: { labels }, spec: pod('', [claim]).spec };
  const replicas = kind === 'DaemonSet' ? {} : { replicas: 2 };
  return { apiVersion: isOld ? 'v1' : 'apps/v1', kind, metadata: { name }, spec: { ...replicas, selector, template } };
}

/** Once a year, and a pod that runs until it is ended. */
function cronJob(name: string, claim: string): KubeObject {
  const spec = { ...(pod('', [claim]).spec as object), restartPolicy: 'Never' };
  const template = { metadata: { labels: { 'test.pvsnap.io/endless': 'true' } }, spec };
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name },
    spec: { schedule: '0 0 1 1 *', jobTemplate: { spec: { template } } },
  };
}
