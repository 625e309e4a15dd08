import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../src/cluster/objects.ts';
import { findHeld } from '../../src/workloads/find-held.ts';
import { deployment, namespace } from './objects.ts';
import { storedCluster } from './stored.ts';

function held(by: string, path: string[]): Record<string, string> {
  return { 'pvsnap.io/held': JSON.stringify({ by: [by], changes: [{ path, before: 2, during: 0 }] }) };
}

function custom(apiVersion: string, kind: string, metadata: object): KubeObject {
  return { apiVersion, kind, metadata: { name: 'db', uid: `uid-${kind}`, ...metadata } };
}

const replicas = ['spec', 'replicas'];

test('finds all that an operation holds, wherever it is, and nothing that another one holds', async () => {
  const by = `${namespace}/restore-aaaaa`;
  const objects = [
    deployment('op', 0, 'none', { namespace: 'operators', annotations: held(by, replicas) }),
    deployment('other', 0, 'none', { namespace: 'operators', annotations: held('other/restore-aaaaa', replicas) }),
    custom('acid.zalan.do/v1', 'postgresql', { namespace, annotations: held(by, ['spec', 'numberOfInstances']) }),
    custom('argoproj.io/v1alpha1', 'Application', {
      namespace: 'argocd',
      annotations: held(by, ['spec', 'syncPolicy', 'automated']),
    }),
    custom('batch/v1', 'CronJob', { namespace: 'another', annotations: held(by, ['spec', 'suspend']) }),
  ];
  const { cluster } = storedCluster({ objects, forbidden: ['list cronjobs'] });
  const { owners, notes } = await findHeld(cluster, namespace, [by]);
  assert.deepEqual(
    owners.map(({ role, how, name, changes }) => [role, how, name, changes[0]?.before]),
    [
      ['gitops', 'pause', 'db', 2],
      ['resource', 'shutdown', 'db', 2],
      ['operator', 'scale', 'op', 2],
    ],
  );
  assert.deepEqual(notes, ['You may not list cronjobs.batch: one that is still held is not seen.']);
});
