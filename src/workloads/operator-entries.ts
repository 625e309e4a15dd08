/**
 * How each operator is told to leave a custom resource alone, or to stop it. Each entry was read in the operator's own
 * source, if nothing else is said, of the commit named in docs/owners.md. Where both would do, it is the one that also
 * works while the application is broken, since that is when a restore is wanted.
 */
import type { OperatorEntry } from './operators.ts';
import type { Json } from './owner.ts';

const isReady = { type: 'Ready', status: 'True' } as const;

export const operatorEntries: readonly OperatorEntry[] = [
  // github.com/strimzi/strimzi-kafka-operator, AbstractOperator.reconcileResource, StatusUtils.getPausedCondition.
  // StrimziPodSetController.reconcile looks at no annotation: it makes missing pods, paused or not.
  {
    operator: 'Strimzi',
    group: 'kafka.strimzi.io',
    kinds: ['Kafka', 'KafkaConnect', 'KafkaMirrorMaker2'],
    how: 'pause',
    changes: annotated('strimzi.io/pause-reconciliation', 'true'),
    proof: { type: 'ReconciliationPaused', status: 'True' },
    ready: isReady,
    needsOperatorStopped: true,
  },
  // KafkaBridgeAssemblyOperator makes a Deployment: nobody else would bring its pods back.
  {
    operator: 'Strimzi',
    group: 'kafka.strimzi.io',
    kinds: ['KafkaBridge'],
    how: 'pause',
    changes: annotated('strimzi.io/pause-reconciliation', 'true'),
    proof: { type: 'ReconciliationPaused', status: 'True' },
    ready: isReady,
  },
  // IBM's documentation of Event Streams 11.1 and 13.0, "Upgrading", "Pausing reconciliation": first EventStreams, then
  // its Kafka. The source is closed. It is built on Strimzi and has StrimziPodSets of its own (core.eventstreams.ibm.com).
  {
    operator: 'IBM Event Streams',
    group: 'eventstreams.ibm.com',
    kinds: ['EventStreams', 'Kafka'],
    how: 'pause',
    changes: annotated('eventstreams.ibm.com/pause-reconciliation', 'true'),
    needsOperatorStopped: true,
  },
  // github.com/cloudnative-pg/cloudnative-pg, pkg/reconciler/hibernation: ends the pods, keeps the claims, and returns
  // before anything is made again. It begins only while the phase is healthy. Fencing keeps the pods, and the claims
  // in use with them. The condition has the annotation's name.
  {
    operator: 'CloudNativePG',
    group: 'postgresql.cnpg.io',
    kinds: ['Cluster'],
    how: 'shutdown',
    changes: annotated('cnpg.io/hibernation', 'on'),
    proof: { type: 'cnpg.io/hibernation', status: 'True' },
    ready: isReady,
  },
  // github.com/elastic/cloud-on-k8s, pkg/controller/common/unmanaged.go, IsUnmanaged; nothing in the status says so.
  // eck.k8s.elastic.co/pause-orchestration is newer and holds back changes of the spec only.
  {
    ...eck('elasticsearch', 'Elasticsearch'),
    // pkg/apis/elasticsearch/v1/status.go
    ready: { type: 'ElasticsearchIsReachable', status: 'True' },
  },
  eck('kibana', 'Kibana'),
  eck('apm', 'ApmServer'),
  eck('enterprisesearch', 'EnterpriseSearch'),
  eck('beat', 'Beat'),
  eck('agent', 'Agent'),
  eck('logstash', 'Logstash'),
  eck('maps', 'ElasticMapsServer'),
  eck('packageregistry', 'PackageRegistry'),
  // github.com/zalando/postgres-operator, pkg/cluster/k8sres.go, getNumberOfInstances: 0 is taken as it is, unless
  // the operator's min_instances raises it. There is no pause.
  {
    operator: 'Zalando Postgres',
    group: 'acid.zalan.do',
    kinds: ['postgresql'],
    how: 'shutdown',
    changes: [{ path: ['spec', 'numberOfInstances'], during: 0 }],
  },
  // github.com/CrunchyData/postgres-operator, internal/controller/postgrescluster/controller.go, Reconcile.
  // spec.shutdown waits for a known primary (instance.go, generateInstanceStatefulSetIntent): a broken cluster would
  // run on.
  {
    operator: 'Crunchy Postgres',
    group: 'postgres-operator.crunchydata.com',
    kinds: ['PostgresCluster'],
    how: 'pause',
    changes: specified('paused', true),
    proof: { type: 'Progressing', status: 'False', reason: 'Paused' },
  },
  // github.com/rabbitmq/cluster-operator, internal/controller/rabbitmqcluster_controller.go, Reconcile;
  // internal/status/status.go
  {
    operator: 'RabbitMQ',
    group: 'rabbitmq.com',
    kinds: ['RabbitmqCluster'],
    how: 'pause',
    changes: [{ path: ['metadata', 'labels', 'rabbitmq.com/pauseReconciliation'], during: 'true' }],
    proof: { type: 'NoWarnings', status: 'False', reason: 'reconciliation paused' },
    ready: { type: 'AllReplicasReady', status: 'True' },
  },
  // github.com/percona: percona-xtradb-cluster-operator, pkg/apis/pxc/v1/pxc_types.go, CheckNSetDefaults (sizes become
  // 0); percona-server-mongodb-operator, psmdb_controller.go, reconcilePause; percona-server-mysql-operator,
  // api/v1/perconaservermysql_types.go. They wait for a running backup. Their conditions are a history, with types that
  // were true before.
  percona('pxc', 'PerconaXtraDBCluster'),
  percona('psmdb', 'PerconaServerMongoDB'),
  percona('ps', 'PerconaServerMySQL'),
  // github.com/percona/percona-postgresql-operator, percona/controller/pgcluster/controller.go, Reconcile and
  // makePostgresClusterUnmanaged: the PostgresCluster below it is paused too. spec.pause becomes that one's shutdown,
  // which waits for a primary.
  {
    operator: 'Percona',
    group: 'pgv2.percona.com',
    kinds: ['PerconaPGCluster'],
    how: 'pause',
    changes: specified('unmanaged', true),
  },
  // github.com/prometheus-operator/prometheus-operator, pkg/prometheus/server/operator.go, pkg/prometheus/agent,
  // pkg/alertmanager, pkg/thanos: sync; pkg/apis/monitoring/v1/types.go
  {
    operator: 'Prometheus operator',
    group: 'monitoring.coreos.com',
    kinds: ['Prometheus', 'PrometheusAgent', 'Alertmanager', 'ThanosRuler'],
    how: 'pause',
    changes: specified('paused', true),
    ready: { type: 'Available', status: 'True' },
  },
  // github.com/VictoriaMetrics/operator, internal/controller/operator/controllers.go, reconcileAndTrackStatus
  {
    operator: 'VictoriaMetrics',
    group: 'operator.victoriametrics.com',
    kinds: [
      ...['VMSingle', 'VMCluster', 'VMAgent', 'VMAlert', 'VMAlertmanager', 'VMAuth', 'VMAnomaly', 'VMDistributed'],
      ...['VLogs', 'VLSingle', 'VLCluster', 'VLAgent', 'VLDistributed', 'VTSingle', 'VTCluster'],
    ],
    how: 'pause',
    changes: specified('paused', true),
  },
  // github.com/kubevirt/kubevirt, staging/src/kubevirt.io/api/core/v1/types.go, RunStrategy: of running and runStrategy
  // an object may have one only; pkg/virt-controller/watch/vm/vm.go
  {
    operator: 'KubeVirt',
    group: 'kubevirt.io',
    kinds: ['VirtualMachine'],
    where: { path: ['spec', 'running'] },
    how: 'shutdown',
    changes: specified('running', false),
    ready: isReady,
  },
  // Manual: nobody starts it again but a person, so nothing says that it is well.
  {
    operator: 'KubeVirt',
    group: 'kubevirt.io',
    kinds: ['VirtualMachine'],
    where: { path: ['spec', 'runStrategy'], is: 'Manual' },
    how: 'shutdown',
    changes: specified('runStrategy', 'Halted'),
    staysOff: true,
  },
  {
    operator: 'KubeVirt',
    group: 'kubevirt.io',
    kinds: ['VirtualMachine'],
    where: { path: ['spec', 'runStrategy'] },
    how: 'shutdown',
    changes: specified('runStrategy', 'Halted'),
    ready: isReady,
  },
  // github.com/mariadb-operator/mariadb-operator, internal/controller/mariadb_controller.go, reconcileSuspend;
  // pkg/condition/ready.go, SetReadySuspended
  {
    operator: 'MariaDB operator',
    group: 'k8s.mariadb.com',
    kinds: ['MariaDB'],
    how: 'pause',
    changes: specified('suspend', true),
    proof: { type: 'Ready', status: 'False', reason: 'Suspended' },
    ready: isReady,
  },
  // github.com/OT-CONTAINER-KIT/redis-operator, internal/controller/common/skip_reconcile.go: a key for each kind
  redis('Redis'),
  redis('RedisCluster'),
  redis('RedisReplication'),
  redis('RedisSentinel'),
  // github.com/Altinity/clickhouse-operator, pkg/apis/clickhouse.altinity.com/v1/type_host.go, GetStatefulSetReplicasNum.
  // A ClickHouseKeeperInstallation can't be stopped (type_chk.go, IsStopped).
  {
    operator: 'Altinity ClickHouse',
    group: 'clickhouse.altinity.com',
    kinds: ['ClickHouseInstallation'],
    how: 'shutdown',
    changes: specified('stop', 'yes'),
  },
  // github.com/k8ssandra/cass-operator, pkg/reconciliation/reconcile_racks.go, CheckRackStoppedState: drains the nodes
  // first. The condition becomes true before they are gone.
  {
    operator: 'cass-operator',
    group: 'cassandra.datastax.com',
    kinds: ['CassandraDatacenter'],
    how: 'shutdown',
    changes: specified('stopped', true),
    proof: { type: 'Stopped', status: 'True' },
    ready: isReady,
  },
  // github.com/pingcap/tidb-operator of versions 1.x, pkg/manager/member: each member manager looks at it
  {
    operator: 'TiDB operator 1.x',
    group: 'pingcap.com',
    kinds: ['TidbCluster'],
    how: 'pause',
    changes: specified('paused', true),
    ready: isReady,
  },
  // github.com/grafana/loki, operator/internal/controller/loki/internal/management/state/state.go, IsManaged
  {
    operator: 'Loki operator',
    group: 'loki.grafana.com',
    kinds: ['LokiStack'],
    how: 'pause',
    changes: specified('managementState', 'Unmanaged'),
    ready: isReady,
  },
];

function eck(group: string, kind: string): OperatorEntry {
  return {
    operator: 'Elastic Cloud on Kubernetes',
    group: `${group}.k8s.elastic.co`,
    kinds: [kind],
    how: 'pause',
    changes: annotated('eck.k8s.elastic.co/managed', 'false'),
  };
}

function percona(group: string, kind: string): OperatorEntry {
  return {
    operator: 'Percona',
    group: `${group}.percona.com`,
    kinds: [kind],
    how: 'shutdown',
    changes: specified('pause', true),
  };
}

function redis(kind: string): OperatorEntry {
  return {
    operator: 'OT Redis',
    group: 'redis.redis.opstreelabs.in',
    kinds: [kind],
    how: 'pause',
    changes: annotated(`${kind.toLowerCase()}.opstreelabs.in/skip-reconcile`, 'true'),
  };
}

function annotated(key: string, during: string): OperatorEntry['changes'] {
  return [{ path: ['metadata', 'annotations', key], during }];
}

function specified(field: string, during: Json): OperatorEntry['changes'] {
  return [{ path: ['spec', field], during }];
}
