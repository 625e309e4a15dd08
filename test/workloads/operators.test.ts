import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { KubeObject } from '../../src/cluster/objects.ts';
import type { Resource } from '../../src/cluster/resources.ts';
import { operatorEntries } from '../../src/workloads/operator-entries.ts';
import type { OperatorEntry } from '../../src/workloads/operators.ts';
import { namedByLabels, operatorEntryOf, resourceOwner } from '../../src/workloads/operators.ts';
import type { Owner } from '../../src/workloads/owner.ts';

interface Parts {
  annotations?: Record<string, string>;
  labels?: Record<string, string>;
  spec?: object;
}

function custom(apiVersion: string, kind: string, { spec, ...metadata }: Parts = {}): KubeObject {
  return {
    apiVersion,
    kind,
    metadata: { name: 'db', namespace: 'shop', uid: 'u1', ...metadata },
    ...(spec !== undefined && { spec }),
  };
}

function entryOf(object: KubeObject): OperatorEntry {
  const entry = operatorEntryOf(object);
  assert.ok(entry, `${object.apiVersion} ${object.kind} is not in the table`);
  return entry;
}

function ownerOf(object: KubeObject): Owner {
  const [group = '', version = ''] = object.apiVersion.split('/');
  const plural = `${object.kind.toLowerCase()}s`;
  const resource: Resource = {
    ...{ group, version, plural, singular: object.kind.toLowerCase(), kind: object.kind },
    ...{ shortNames: [], namespaced: true },
  };
  return resourceOwner(object, resource, entryOf(object));
}

/** What is written on the object, by the last key of each field. */
function during(object: KubeObject): [string, unknown, unknown][] {
  return ownerOf(object).changes.map(({ path, before, during: value }) => [path.join(' '), before, value]);
}

describe('a custom resource is paused or shut down as its operator has it', () => {
  const cases: [string, string, Parts, OperatorEntry['how'], [string, unknown, unknown][]][] = [
    [
      'kafka.strimzi.io/v1',
      'Kafka',
      {},
      'pause',
      [['metadata annotations strimzi.io/pause-reconciliation', undefined, 'true']],
    ],
    [
      'kafka.strimzi.io/v1beta2',
      'KafkaBridge',
      {},
      'pause',
      [['metadata annotations strimzi.io/pause-reconciliation', undefined, 'true']],
    ],
    [
      'eventstreams.ibm.com/v1beta2',
      'EventStreams',
      {},
      'pause',
      [['metadata annotations eventstreams.ibm.com/pause-reconciliation', undefined, 'true']],
    ],
    [
      'postgresql.cnpg.io/v1',
      'Cluster',
      { annotations: { 'cnpg.io/hibernation': 'off' } },
      'shutdown',
      [['metadata annotations cnpg.io/hibernation', 'off', 'on']],
    ],
    [
      'elasticsearch.k8s.elastic.co/v1',
      'Elasticsearch',
      {},
      'pause',
      [['metadata annotations eck.k8s.elastic.co/managed', undefined, 'false']],
    ],
    [
      'maps.k8s.elastic.co/v1alpha1',
      'ElasticMapsServer',
      {},
      'pause',
      [['metadata annotations eck.k8s.elastic.co/managed', undefined, 'false']],
    ],
    [
      'acid.zalan.do/v1',
      'postgresql',
      { spec: { numberOfInstances: 2 } },
      'shutdown',
      [['spec numberOfInstances', 2, 0]],
    ],
    ['postgres-operator.crunchydata.com/v1beta1', 'PostgresCluster', {}, 'pause', [['spec paused', undefined, true]]],
    [
      'rabbitmq.com/v1beta1',
      'RabbitmqCluster',
      {},
      'pause',
      [['metadata labels rabbitmq.com/pauseReconciliation', undefined, 'true']],
    ],
    [
      'pxc.percona.com/v1',
      'PerconaXtraDBCluster',
      { spec: { pause: false } },
      'shutdown',
      [['spec pause', false, true]],
    ],
    ['psmdb.percona.com/v1', 'PerconaServerMongoDB', {}, 'shutdown', [['spec pause', undefined, true]]],
    ['pgv2.percona.com/v2', 'PerconaPGCluster', {}, 'pause', [['spec unmanaged', undefined, true]]],
    ['ps.percona.com/v1', 'PerconaServerMySQL', {}, 'shutdown', [['spec pause', undefined, true]]],
    ['monitoring.coreos.com/v1', 'Prometheus', { spec: { replicas: 2 } }, 'pause', [['spec paused', undefined, true]]],
    ['operator.victoriametrics.com/v1beta1', 'VMCluster', {}, 'pause', [['spec paused', undefined, true]]],
    ['kubevirt.io/v1', 'VirtualMachine', { spec: { running: true } }, 'shutdown', [['spec running', true, false]]],
    [
      'kubevirt.io/v1',
      'VirtualMachine',
      { spec: { runStrategy: 'Always' } },
      'shutdown',
      [['spec runStrategy', 'Always', 'Halted']],
    ],
    ['k8s.mariadb.com/v1alpha1', 'MariaDB', {}, 'pause', [['spec suspend', undefined, true]]],
    [
      'redis.redis.opstreelabs.in/v1beta2',
      'RedisCluster',
      {},
      'pause',
      [['metadata annotations rediscluster.opstreelabs.in/skip-reconcile', undefined, 'true']],
    ],
    [
      'clickhouse.altinity.com/v1',
      'ClickHouseInstallation',
      { spec: { stop: 'no' } },
      'shutdown',
      [['spec stop', 'no', 'yes']],
    ],
    ['cassandra.datastax.com/v1beta1', 'CassandraDatacenter', {}, 'shutdown', [['spec stopped', undefined, true]]],
    ['pingcap.com/v1alpha1', 'TidbCluster', {}, 'pause', [['spec paused', undefined, true]]],
    [
      'loki.grafana.com/v1',
      'LokiStack',
      { spec: { managementState: 'Managed' } },
      'pause',
      [['spec managementState', 'Managed', 'Unmanaged']],
    ],
  ];
  for (const [apiVersion, kind, parts, how, changes] of cases) {
    test(`${kind} (${apiVersion}) ${JSON.stringify(parts)}`, () => {
      const object = custom(apiVersion, kind, parts);
      assert.deepEqual([ownerOf(object).how, during(object)], [how, changes]);
    });
  }
});

test('an owner carries all that is needed to find it again, and what says that it is stopped and well', () => {
  assert.deepEqual(ownerOf(custom('kafka.strimzi.io/v1', 'Kafka')), {
    role: 'resource',
    resource: { group: 'kafka.strimzi.io', version: 'v1', plural: 'kafkas', kind: 'Kafka', namespaced: true },
    namespace: 'shop',
    name: 'db',
    uid: 'u1',
    changes: [{ path: ['metadata', 'annotations', 'strimzi.io/pause-reconciliation'], during: 'true' }],
    how: 'pause',
    proof: { type: 'ReconciliationPaused', status: 'True' },
    ready: { type: 'Ready', status: 'True' },
  });
});

test('a virtual machine that only a person starts is not waited for', () => {
  const manual = ownerOf(custom('kubevirt.io/v1', 'VirtualMachine', { spec: { runStrategy: 'Manual' } }));
  const always = ownerOf(custom('kubevirt.io/v1', 'VirtualMachine', { spec: { runStrategy: 'Always' } }));
  assert.deepEqual([manual.ready, always.ready?.type], [undefined, 'Ready']);
  assert.deepEqual(manual.changes, [{ path: ['spec', 'runStrategy'], before: 'Manual', during: 'Halted' }]);
});

test('what somebody else has paused or stopped is left as it is', () => {
  const paused = custom('monitoring.coreos.com/v1', 'Prometheus', { spec: { paused: true } });
  const halted = custom('kubevirt.io/v1', 'VirtualMachine', { spec: { runStrategy: 'Halted' } });
  assert.deepEqual([ownerOf(paused).changes, ownerOf(halted).changes], [[], []]);
});

test('Strimzi makes pods of its StrimziPodSets in spite of the pause: its operator must be stopped too', () => {
  const needsIt = (apiVersion: string, kind: string): boolean | undefined =>
    entryOf(custom(apiVersion, kind)).needsOperatorStopped;
  assert.ok(needsIt('kafka.strimzi.io/v1', 'Kafka') && needsIt('eventstreams.ibm.com/v1', 'Kafka'));
  assert.ok(needsIt('kafka.strimzi.io/v1', 'KafkaBridge') === undefined);
});

test('a kind of the same name in another group is not meant, nor one without a group', () => {
  for (const apiVersion of ['cluster.x-k8s.io/v1beta1', 'core.pingcap.com/v1alpha1', 'v1', '']) {
    assert.equal(operatorEntryOf(custom(apiVersion, 'Cluster')), undefined);
  }
  // Neither running nor runStrategy: nobody starts it.
  assert.equal(operatorEntryOf(custom('kubevirt.io/v1', 'VirtualMachine', { spec: {} })), undefined);
});

describe('the table', () => {
  test('has one entry for each kind, or tells them apart by a field', () => {
    const keys = operatorEntries.flatMap(({ group, kinds, where }) =>
      kinds.map((kind) => JSON.stringify([group, kind, where])),
    );
    assert.equal(new Set(keys).size, keys.length);
  });

  test('changes only the specification, annotations and labels', () => {
    const starts = operatorEntries.flatMap(({ changes }) => changes.map(({ path }) => path.slice(0, 2).join('.')));
    assert.ok(starts.every((start) => start.startsWith('spec.') || /^metadata\.(annotations|labels)$/.test(start)));
  });

  test('whatever an object holds in the fields, before is exactly that, or nothing is changed', () => {
    const value = fc.oneof(fc.constant(undefined), fc.constant(null), fc.boolean(), fc.integer(), fc.string());
    fc.assert(
      fc.property(fc.constantFrom(...operatorEntries), value, (entry, found) => {
        const { kinds, group, changes: wanted } = entry;
        const [{ path, during: wish } = { path: [], during: null }] = wanted;
        const nested = [...path].reverse().reduce<unknown>((inner, key) => ({ [key]: inner }), found) as Parts;
        const { metadata = {}, spec } = nested as { metadata?: Parts; spec?: object };
        const object = custom(`${group}/v1`, kinds[0] ?? '', { ...metadata, ...(spec !== undefined && { spec }) });
        const { changes } = resourceOwner(object, resourceOf(group), entry);
        if (found === wish) assert.deepEqual(changes, []);
        else assert.deepEqual(changes, [{ path, ...(found != null && { before: found }), during: wish }]);
      }),
    );
  });

  test('says of any apiVersion whatsoever whether it is known, without throwing', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (apiVersion, kind) => {
        operatorEntryOf(custom(apiVersion, kind));
        namedByLabels(custom(apiVersion, kind));
      }),
    );
  });
});

describe('a StrimziPodSet names its custom resource by labels', () => {
  test('as Strimzi publishes it', () => {
    const labels = { 'strimzi.io/cluster': 'es', 'strimzi.io/kind': 'KafkaConnect', 'strimzi.io/name': 'es-connect' };
    const podSet = custom('core.strimzi.io/v1beta2', 'StrimziPodSet', { labels });
    assert.deepEqual(namedByLabels(podSet), { group: 'kafka.strimzi.io', kind: 'KafkaConnect', name: 'es' });
  });

  test('as IBM Event Streams publishes it', () => {
    const labels = { 'eventstreams.ibm.com/cluster': 'es', 'eventstreams.ibm.com/kind': 'Kafka' };
    const podSet = custom('core.eventstreams.ibm.com/v1beta2', 'StrimziPodSet', { labels });
    assert.deepEqual(namedByLabels(podSet), { group: 'eventstreams.ibm.com', kind: 'Kafka', name: 'es' });
  });

  test('and a KafkaNodePool, which no ownerReference leads on from', () => {
    const pool = custom('kafka.strimzi.io/v1', 'KafkaNodePool', { labels: { 'strimzi.io/cluster': 'es' } });
    assert.deepEqual(namedByLabels(pool), { group: 'kafka.strimzi.io', kind: 'Kafka', name: 'es' });
  });

  test('nothing is made of objects of other kinds or groups, nor without the labels', () => {
    const labels = { 'strimzi.io/cluster': 'es', 'strimzi.io/kind': 'Kafka' };
    assert.equal(namedByLabels(custom('kafka.strimzi.io/v1', 'KafkaTopic', { labels })), undefined);
    assert.equal(namedByLabels(custom('apps/v1', 'StrimziPodSet', { labels })), undefined);
    assert.equal(namedByLabels(custom('core.strimzi.io/v1beta2', 'StrimziPodSet')), undefined);
  });
});

function resourceOf(group: string): Resource {
  return { group, version: 'v1', plural: 'dbs', singular: 'db', kind: 'Db', shortNames: [], namespaced: true };
}
