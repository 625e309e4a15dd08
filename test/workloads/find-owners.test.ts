import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Deployment, KubeObject } from '../../src/cluster/objects.ts';
import type { FoundOwners } from '../../src/workloads/find-owners.ts';
import { findOwners } from '../../src/workloads/find-owners.ts';
import type { StopChoices } from '../../src/workloads/stop-choices.ts';
import { noChoices } from '../../src/workloads/stop-choices.ts';
import { deployment, namespace, statefulSet } from './objects.ts';
import { storedCluster } from './stored.ts';

const group = 'db.io';

/** A custom resource `db` that no table knows; whoever wrote its status is its operator. */
function resource(manager: string): KubeObject {
  const managedFields = [{ manager, subresource: 'status', fieldsV1: { 'f:status': {} } }];
  return {
    apiVersion: `${group}/v1`,
    kind: 'Database',
    metadata: { name: 'db', namespace, uid: 'uid-db', managedFields },
  };
}

function operator(name: string, metadata: Partial<Deployment['metadata']> = {}): Deployment {
  return deployment(name, 1, 'none', { namespace: 'operators', uid: `uid-${name}`, ...metadata });
}

function lease(name: string, holder: string): KubeObject {
  const spec = { holderIdentity: `${holder}-7d9f8c6b5-x2x4z_1234` };
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace: 'operators' },
    spec,
  } as KubeObject;
}

const owned = {
  ownerReferences: [{ apiVersion: `${group}/v1`, kind: 'Database', name: 'db', uid: 'uid-db', controller: true }],
};

function find(objects: KubeObject[], choices: StopChoices = noChoices, forbidden: string[] = []): Promise<FoundOwners> {
  const object = statefulSet('db', 1, {}, owned);
  const workload = { kind: 'statefulset', name: 'db', namespace, uid: 'uid-sts-db', replicas: 1, object };
  const workloads = [{ ...workload, claims: ['data-db-0'], pods: [], under: [] }];
  const { cluster } = storedCluster({ objects: [object, ...objects], forbidden });
  return findOwners(cluster, namespace, { workloads, cronJobs: [], choices });
}

const names = ({ owners }: FoundOwners): string[] => owners.map(({ resource: { kind }, name }) => `${kind} ${name}`);

describe('what keeps an operator as it is in git is held before it', () => {
  const flux = 'kustomize.toolkit.fluxcd.io';
  const labels = { [`${flux}/name`]: 'tools', [`${flux}/namespace`]: 'flux-system' };
  const metadata = { name: 'tools', namespace: 'flux-system', uid: 'uid-tools' };
  const kustomization = { apiVersion: `${flux}/v1`, kind: 'Kustomization', metadata, spec: {} } as KubeObject;

  test('one that is found', async () => {
    const found = await find([resource('db-operator'), operator('db-operator', { labels }), kustomization]);
    assert.deepEqual(names(found), ['Kustomization tools', 'Deployment db-operator']);
  });

  test('one that is named', async () => {
    const stop = [{ kind: 'deployment', name: 'mine', namespace: 'operators' }];
    const objects = [resource('db-operator'), operator('mine', { labels }), kustomization];
    const found = await find(objects, { ...noChoices, stop });
    assert.deepEqual(names(found), ['Kustomization tools', 'Deployment mine']);
  });
});

describe('the operator of a custom resource', () => {
  test('is the one that leads by a Lease with its group in the name', async () => {
    const objects = [resource('manager'), operator('db-operator'), lease('lock.db.io', 'db-operator')];
    assert.deepEqual(names(await find(objects)), ['Deployment db-operator']);
  });

  test('is not one of a group whose name ends in the same letters', async () => {
    const objects = [resource('manager'), operator('mongo-operator'), lease('lock.mongodb.io', 'mongo-operator')];
    const { owners, findings } = await find(objects);
    assert.deepEqual(owners, []);
    assert.match(JSON.stringify(findings), /its operator is not found/);
  });

  test('is stopped besides one that is named, which may be that of another custom resource', async () => {
    const objects = [resource('db-operator'), operator('db-operator'), operator('mine')];
    const stop = [{ kind: 'deployment', name: 'mine', namespace: 'operators' }];
    const both = await find(objects, { ...noChoices, stop });
    assert.deepEqual(names(both), ['Deployment db-operator', 'Deployment mine']);
    const unknown = await find([resource('manager'), operator('mine')], { ...noChoices, stop });
    assert.deepEqual([names(unknown), unknown.findings], [['Deployment mine'], []]);
  });

  test('that is stopped by a person stays so, and is known to be gone', async () => {
    const stopped = {
      ...operator('db-operator'),
      spec: { ...operator('db-operator').spec, replicas: 0 },
    } as Deployment;
    const { owners, notes } = await find([resource('db-operator'), stopped]);
    assert.deepEqual(
      owners.map(({ name, changes }) => [name, changes]),
      [['db-operator', []]],
    );
    assert.match(notes.join(), /operators\/deployment\/db-operator is stopped already/);
  });

  test('may serve others that can’t be listed: the plan says so', async () => {
    const forbidden = ['list databases'];
    const { notes } = await find([resource('db-operator'), operator('db-operator')], noChoices, forbidden);
    assert.match(notes.join(), /which others deployment\/db-operator serves can't be seen/);
  });
});

describe('a ClusterServiceVersion', () => {
  const version = (within: string, names: string[], labels: Record<string, string> = {}): KubeObject => {
    const deployments = names.map((name) => ({ name }));
    const spec = {
      customresourcedefinitions: { owned: [{ name: `databases.${group}` }] },
      install: { spec: { deployments } },
    };
    const metadata = { name: 'db.v1', namespace: within, labels };
    return { apiVersion: 'operators.coreos.com/v1alpha1', kind: 'ClusterServiceVersion', metadata, spec } as KubeObject;
  };
  const copied = { 'olm.copiedFrom': 'operators' };

  test('that is a copy says where the operator is', async () => {
    const versions = [version(namespace, ['any'], copied), version('operators', ['db-operator'])];
    const found = await find([resource('manager'), operator('db-operator'), ...versions]);
    assert.deepEqual(names(found), ['Deployment db-operator']);
  });

  test('that calls itself a copy of one that is not there has nothing stopped', async () => {
    const forged = version(namespace, ['coredns'], copied);
    const { owners, findings } = await find([resource('manager'), operator('coredns'), forged]);
    assert.deepEqual([owners, findings.length], [[], 1]);
  });
});

describe('an owner that may not be read', () => {
  const labels = { 'strimzi.io/cluster': 'my', 'strimzi.io/kind': 'Kafka' };
  const kafka = {
    apiVersion: 'kafka.strimzi.io/v1',
    kind: 'Kafka',
    metadata: { name: 'my', namespace, uid: 'uid-my' },
  };
  const podSet = {
    apiVersion: 'core.strimzi.io/v1',
    kind: 'StrimziPodSet',
    metadata: { name: 'my-kafka', namespace, uid: 'uid-db', labels },
  };
  const findPodSet = async (choices: StopChoices): Promise<FoundOwners> => {
    const reference = { apiVersion: podSet.apiVersion, kind: 'StrimziPodSet', name: 'my-kafka', uid: 'uid-db' };
    const object = statefulSet('db', 1, {}, { ownerReferences: [reference] });
    const { cluster } = storedCluster({ objects: [object, podSet, kafka], forbidden: ['get kafkas', 'list leases'] });
    const workload = { kind: 'statefulset', name: 'db', namespace, uid: 'uid-sts-db', replicas: 1, object };
    const workloads = [{ ...workload, claims: ['data-db-0'], pods: [], under: [] }];
    return findOwners(cluster, namespace, { workloads, cronJobs: [], choices });
  };

  test('is a finding, also where labels alone name it', async () => {
    const { findings } = await findPodSet(noChoices);
    assert.match(JSON.stringify(findings), /belongs to kafka\/my, and you may not get kafkas.*--no-stop kafka\/my/);
  });

  test('and what the finding says to say is enough of it', async () => {
    const { findings } = await findPodSet({ ...noChoices, leave: ['kafka/my'] });
    assert.doesNotMatch(JSON.stringify(findings), /belongs to kafka\/my/);
  });
});

test('a virtual machine that only a person starts is ended, not waited for, and told of', async () => {
  const reference = {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    name: 'db',
    uid: 'uid-vm',
    controller: true,
  };
  const metadata = { name: 'db', namespace, uid: 'uid-vm' };
  const machine = { ...reference, metadata, spec: { runStrategy: 'Manual' } } as KubeObject;
  const object = statefulSet('db', 1, {}, { ownerReferences: [reference] });
  const workload = { kind: 'statefulset', name: 'db', namespace, uid: 'uid-sts-db', replicas: 1, object };
  const workloads = [{ ...workload, claims: ['data-db-0'], pods: [], under: [] }];
  const { cluster } = storedCluster({ objects: [object, machine] });
  const found = await findOwners(cluster, namespace, { workloads, cronJobs: [], choices: noChoices });
  assert.deepEqual(
    found.workloads.map(({ how, replicas }) => [how, replicas]),
    [['wait', 0]],
  );
  assert.match(found.notes.join(), /virtualmachine\/db stays off afterwards/);
});
