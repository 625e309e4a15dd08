/** The operator of the demo's Kafka: a stand-in that does what operators do, and puts back what anybody changes. */
import type { Api } from '../../test/cluster/api.ts';
import type { ClusterFacts } from '../../test/cluster/facts.ts';
import { useNamespace, type Lifetime } from '../../test/cluster/namespace.ts';
import { apiKind, define } from '../../test/cluster/operators/definitions.ts';
import {
  eventStreams,
  eventStreamsKind,
  openEventStreamsOperator,
  type EventStreamsOperator,
} from '../../test/cluster/operators/event-streams.ts';
import { ownerOf } from '../../test/cluster/operators/objects.ts';
import { namespace, workloads } from './kafka.ts';

export const operatorNamespace = 'operators';
const resourceName = 'es';

/** Gives both StatefulSets an owner, and starts the operator that looks after it. */
export async function startOperator(
  lifetime: Lifetime,
  cluster: ClusterFacts,
  api: Api,
): Promise<EventStreamsOperator> {
  const kind = eventStreamsKind(operatorNamespace);
  await define(api, [kind]);
  await api.create(eventStreams(kind, resourceName), namespace);
  const owner = await api.get(apiKind(kind), resourceName, namespace);
  const ownerReferences = [ownerOf(owner, { controller: true, block: true })];
  for (const name of workloads) {
    await api.patch({ kind: 'StatefulSet', name, namespace }, { metadata: { ownerReferences } });
  }
  await api.create({ kind: 'Namespace', metadata: { name: operatorNamespace } });
  const [home, watched] = await Promise.all(
    [operatorNamespace, namespace].map((name) => useNamespace(lifetime, cluster, api, name)),
  );
  if (home === undefined || watched === undefined) throw new TypeError('a namespace is missing');
  return openEventStreamsOperator(lifetime, home, watched, 'lease', 'es-operator');
}
