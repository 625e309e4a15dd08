/** What another operation holds is found as it was before: it may be let go at any moment. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CronJob, KubeObject } from '../../src/cluster/objects.ts';
import { findOwners } from '../../src/workloads/find-owners.ts';
import { holdOwner, releaseOwner } from '../../src/workloads/hold.ts';
import type { Owner } from '../../src/workloads/owner.ts';
import { noChoices } from '../../src/workloads/stop-choices.ts';
import { namespace, statefulSet } from './objects.ts';
import type { StoredCluster } from './stored.ts';
import { storedCluster } from './stored.ts';

function custom(apiVersion: string, kind: string, spec: object, metadata: object = {}): KubeObject {
  return { apiVersion, kind, metadata: { name: 'db', namespace, uid: `uid-${kind}`, ...metadata }, spec } as KubeObject;
}

function ownersOf(stored: StoredCluster): Promise<Owner[]> {
  const object = stored.object('StatefulSet', 'db') ?? assert.fail();
  const workload = { kind: 'statefulset', name: 'db', namespace, uid: object.metadata.uid ?? '', replicas: 1, object };
  const workloads = [{ ...workload, claims: ['data-db-0'], pods: [], under: [] }];
  const cronJobs = [stored.object('CronJob', 'db')].filter((one) => one !== undefined) as CronJob[];
  return findOwners(stored.cluster, namespace, { workloads, cronJobs, choices: noChoices }).then(
    ({ owners }) => owners,
  );
}

const flux = 'kustomize.toolkit.fluxcd.io';
const tracked = { annotations: { 'argocd.argoproj.io/tracking-id': `db:apps/StatefulSet:${namespace}/db` } };
const applied = { labels: { [`${flux}/name`]: 'db', [`${flux}/namespace`]: namespace } };
const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db' };

describe('an owner that another operation holds is held too, and put back by the last', () => {
  for (const [owner, metadata] of [
    [custom('argoproj.io/v1alpha1', 'Application', { syncPolicy: { automated: { selfHeal: true } } }), tracked],
    [custom(`${flux}/v1`, 'Kustomization', { prune: true }), applied],
    [custom('keda.sh/v1alpha1', 'ScaledObject', { scaleTargetRef }), {}],
    [custom('autoscaling/v2', 'HorizontalPodAutoscaler', { scaleTargetRef, minReplicas: 0, maxReplicas: 3 }), {}],
    [custom('batch/v1', 'CronJob', { jobTemplate: {} }), {}],
    [custom('monitoring.coreos.com/v1', 'Prometheus', {}), owned('monitoring.coreos.com/v1', 'Prometheus')],
    [custom('kubevirt.io/v1', 'VirtualMachine', { runStrategy: 'Manual' }), owned('kubevirt.io/v1', 'VirtualMachine')],
  ] as const) {
    test(owner.kind, async () => {
      const stored = storedCluster({ objects: [statefulSet('db', 1, {}, metadata), owner] });
      const before = structuredClone(stored.object(owner.kind, 'db'));
      const first = await ownersOf(stored);
      assert.equal(first.length, 1);
      for (const one of first) await holdOwner(stored.cluster, one, ['a/restore-1']);

      const second = await ownersOf(stored);

      assert.deepEqual(second, first);
      for (const one of second) await holdOwner(stored.cluster, one, ['b/restore-2']);
      const held = structuredClone(stored.object(owner.kind, 'db') as { spec?: object }).spec;
      for (const one of first) await releaseOwner(stored.cluster, one, ['a/restore-1']);
      assert.deepEqual((stored.object(owner.kind, 'db') as { spec?: object }).spec, held);
      for (const one of second) await releaseOwner(stored.cluster, one, ['b/restore-2']);
      assert.deepEqual((stored.object(owner.kind, 'db') as { spec?: object }).spec, (before as { spec?: object }).spec);
      assert.deepEqual(stored.object(owner.kind, 'db')?.metadata.annotations ?? {}, before?.metadata.annotations ?? {});
    });
  }
});

function owned(apiVersion: string, kind: string): Partial<KubeObject['metadata']> {
  return { ownerReferences: [{ apiVersion, kind, name: 'db', uid: `uid-${kind}`, controller: true }] };
}
