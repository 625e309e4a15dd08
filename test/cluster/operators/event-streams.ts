/**
 * A stand-in for IBM Event Streams: its operator is a container for paying customers. It does what the real one does in the way of a
 * restore: its resource owns two StatefulSets, and their replicas are put back as soon as anybody changes them.
 */
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { V1StatefulSet } from '@kubernetes/client-node';
import { ApiError, connect, type Api, type KubeObject } from '../api.ts';
import type { Lifetime, TestNamespace } from '../namespace.ts';
import { statefulSet } from '../objects.ts';
import { isRolledOut } from '../states.ts';
import { control } from './control.ts';
import { apiKind, define, kinds, resource, type ResourceKind } from './definitions.ts';
import { deploy, type Deployed, type End } from './deployed.ts';
import { connectAs } from './identity.ts';
import { holdLease } from './lease.ts';
import { ensure, listOf, ownerOf } from './objects.ts';

/**
 * How one can tell which Deployment acts on the StatefulSets.
 * - olm: a ClusterServiceVersion says so.
 * - lease: the managers of their fields are called `manager`, as most programs of controller-runtime are, and a Lease
 *   whose name ends with the group is held by its pod.
 * - writer: the manager of their fields is called as the Deployment.
 * - none: not at all.
 */
export type Trace = 'olm' | 'lease' | 'writer' | 'none';

export interface EventStreamsOperator extends Deployed {
  /** Of a group that is the test's own, so that it is nobody else's operator. */
  kind: ResourceKind;
  /** The name of its Deployment. */
  deployment: string;
  /** What it has done against others, such as `scaled es-kafka from 0 to 3`. */
  acts: readonly string[];
}

/**
 * @param watched a namespace where it looks after StatefulSets; it sees the resources of all
 * @param deployment no other operator's of the cluster
 */
export async function openEventStreamsOperator(
  test: Lifetime,
  home: TestNamespace,
  watched: TestNamespace,
  trace: Trace,
  deployment = `es-operator-of-${home.name}`,
): Promise<EventStreamsOperator> {
  const kind = eventStreamsKind(home.name);
  await define(home.api, [kind]);
  const acts: string[] = [];
  const manager = { olm: 'manager', lease: 'manager', writer: deployment, none: 'java' }[trace];
  const deployed = await deploy(test, home, {
    name: deployment,
    ...(manager === 'manager' && { container: manager, command: ['/manager'] }),
    image: `icr.example.com/eventstreams/${deployment}:11.3.0`,
    labels: trace === 'olm' ? { 'olm.owner': versionName(deployment), 'olm.owner.kind': 'ClusterServiceVersion' } : {},
    start: async (pod) => {
      const api = await connectAs(home.cluster, home.name, deployment, manager);
      const lease = `8d3a4c7f.${groupOf(kind)}`;
      const release = trace === 'lease' ? await holdLease(api, home.name, lease, `${pod}_${randomUUID()}`) : none;
      const stop = lookAfter(api, kind, watched.name, acts);
      return ended(stop, release, api);
    },
  });
  test.after(() => removeDefinition(home, kind));
  if (trace === 'olm') await installByOlm(home, watched, { deployment, kind });
  return { ...deployed, kind, deployment, acts };
}

/** @param home the operator's namespace: the group is its own */
export function eventStreamsKind(home: string): ResourceKind {
  return resource(`${home}.eventstreams.example.com/v1`, 'EventStreams');
}

/** @param replicas of each of its two StatefulSets, `<name>-kafka` and `<name>-zookeeper` */
export function eventStreams(kind: ResourceKind, name: string, { replicas = 3 } = {}): KubeObject {
  return { ...kind, metadata: { name }, spec: { replicas } };
}

function lookAfter(api: Api, kind: ResourceKind, namespace: string, acts: string[]): End {
  const watched = [
    { kind: apiKind(kind), fields: {} },
    { kind: 'StatefulSet', namespace, fields: {} },
  ];
  return control(api, watched, async () => {
    for (const object of await listOf<EventStreams>(api, apiKind(kind))) await reconcile(api, object, acts);
  });
}

interface EventStreams extends KubeObject {
  spec: { replicas: number };
  status?: object;
}

async function reconcile(api: Api, object: EventStreams, acts: string[]): Promise<void> {
  const { name, namespace = '' } = object.metadata;
  const { replicas } = object.spec;
  const sets = ['kafka', 'zookeeper'].map((part) => `${name}-${part}`);
  const found = await Promise.all(sets.map((set) => stateOf(api, set, namespace)));
  for (const [index, set] of sets.entries()) {
    const now = found[index]?.spec?.replicas;
    if (now === replicas) continue;
    if (now === undefined) await ensure(api, ownedSet(object, set), namespace);
    else {
      acts.push(`scaled ${set} from ${now} to ${replicas}`);
      await api.patch({ kind: 'StatefulSet', name: set, namespace }, { spec: { replicas } });
    }
  }
  const isReady = found.every((set) => set !== undefined && isRolledOut(set));
  const status = { conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] };
  if (isDeepStrictEqual(object.status, status)) return;
  await api.patch({ kind: apiKind(object), name, namespace, subresource: 'status' }, { status });
}

function ownedSet(owner: EventStreams, name: string): KubeObject {
  const object = statefulSet(name, { replicas: owner.spec.replicas, labels: { app: name } });
  const ownerReferences = [ownerOf(owner, { controller: true, block: true })];
  return { ...object, metadata: { ...object.metadata, ownerReferences } as KubeObject['metadata'] };
}

async function stateOf(api: Api, name: string, namespace: string): Promise<V1StatefulSet | undefined> {
  return api.get<V1StatefulSet>('StatefulSet', name, namespace).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  });
}

function ended(stop: End, release: () => void, api: Api): End {
  return async () => {
    release();
    await stop();
    api.close();
  };
}

/** By a connection of its own: the namespace's is closed by now. */
async function removeDefinition({ cluster }: TestNamespace, kind: ResourceKind): Promise<void> {
  const api = connect(cluster.credentials);
  await api.delete('CustomResourceDefinition', `eventstreams.${groupOf(kind)}`);
  api.close();
}

function none(): void {
  // Nothing is held.
}

function versionName(deployment: string): string {
  return `${deployment}.v11.3.0`;
}

function groupOf({ apiVersion }: ResourceKind): string {
  return apiVersion.split('/')[0] ?? '';
}

/**
 * As the Operator Lifecycle Manager leaves it behind: a version, with the kinds it owns and what it has installed, and
 * a copy of it in each namespace that the operator serves.
 */
async function installByOlm(
  home: TestNamespace,
  served: TestNamespace,
  { deployment, kind }: { deployment: string; kind: ResourceKind },
): Promise<void> {
  await define(home.api, [kinds.clusterServiceVersion]);
  const name = versionName(deployment);
  const owned = [
    { name: `eventstreams.${groupOf(kind)}`, version: 'v1', kind: kind.kind, displayName: 'Event Streams' },
  ];
  const spec = {
    displayName: 'Event Streams',
    customresourcedefinitions: { owned },
    install: { strategy: 'deployment', spec: { deployments: [{ name: deployment, spec: { replicas: 1 } }] } },
  };
  const labels = { 'olm.copiedFrom': home.name };
  await home.apply([{ ...kinds.clusterServiceVersion, metadata: { name }, spec }]);
  await served.apply([{ ...kinds.clusterServiceVersion, metadata: { name, labels }, spec }]);
  const own = {
    kind: apiKind(kinds.clusterServiceVersion),
    name,
    namespace: home.name,
    subresource: 'status',
  } as const;
  await home.api.patch(own, { status: { phase: 'Succeeded' } });
}
