/** What the cluster and the kubeconfig know of a word that is being typed. Names only, so that it is quick. */
import type { Cluster } from '../cluster/cluster.ts';
import { loadKubeconfig } from '../cluster/kubeconfig/load.ts';
import type { KubeObject } from '../cluster/objects.ts';
import type { Resource } from '../cluster/resources.ts';
import { claims, configMaps, isNamed, pathOf, snapshots } from '../cluster/resources.ts';
import { membershipOf } from '../sets/taker.ts';
import { resourceOf, workloadKinds } from '../workloads/kinds.ts';
import type { Sought } from './complete.ts';
import { textOf } from './flags.ts';
import { types } from './get/types.ts';

const namespaces: Resource = { ...claims, plural: 'namespaces', kind: 'Namespace', namespaced: false };
const fixed: Record<string, readonly string[]> = {
  output: ['json', 'name', 'yaml'],
  'dry-run': ['client', 'none', 'server'],
};
const operationLabel = 'pvsnap.io/operation';

/** @throws ClusterError when the cluster doesn't answer */
export async function valuesFor(
  { verb, words, flag, args }: Sought,
  typed: string,
  connect: () => Cluster,
): Promise<string[]> {
  if (flag !== undefined) return flagValues(flag, textOf(args, 'kubeconfig'), connect);
  const [type] = words;
  if (verb === 'get') return type === undefined ? typeWords() : without(words, await namesOf(type, connect()));
  if (verb === 'create') return targetsFor(typed, connect);
  if (verb === 'restore')
    return typed.startsWith('vs/') ? within('vs', snapshots, connect()) : [...(await setNames(connect())), 'vs/'];
  if (['undo', 'commit', 'resume'].includes(verb ?? '')) return operations(connect());
  return [];
}

async function flagValues(flag: string, kubeconfig: string | undefined, connect: () => Cluster): Promise<string[]> {
  if (flag === 'namespace') return names(connect(), namespaces);
  if (flag === 'context' || flag === 'cluster' || flag === 'user') {
    return [...loadKubeconfig(kubeconfig)[`${flag}s`].keys()];
  }
  if (flag === 'only') return names(connect(), claims);
  return [...(fixed[flag] ?? [])];
}

function typeWords(): string[] {
  return ['sets\tSets of snapshots', ...types.map(({ kind, shortNames: [short = ''] }) => `${short}\t${kind}`)];
}

async function namesOf(type: string, cluster: Cluster): Promise<string[]> {
  if (/^(snapshot)?sets?$/.test(type)) return setNames(cluster);
  const resource = types.find((one) => isNamed(one, type));
  return resource ? names(cluster, resource) : [];
}

function without(words: readonly string[], lines: string[]): string[] {
  return lines.filter((line) => !words.includes(line));
}

async function targetsFor(typed: string, connect: () => Cluster): Promise<string[]> {
  const kinds = [...workloadKinds, 'pvc'];
  const [kind = '', name] = typed.split('/');
  if (name === undefined) return kinds.map((one) => `${one}/`);
  const workload = workloadKinds.find((one) => isNamed(resourceOf(one), kind));
  const resource = workload === undefined ? claims : resourceOf(workload);
  return workload === undefined && !isNamed(claims, kind) ? [] : within(kind, resource, connect());
}

async function within(kind: string, resource: Resource, cluster: Cluster): Promise<string[]> {
  return (await names(cluster, resource)).map((name) => `${kind}/${name}`);
}

async function setNames(cluster: Cluster): Promise<string[]> {
  const members = (await objects(cluster, snapshots)).map((snapshot) => membershipOf(snapshot)?.name);
  return [...new Set(members.filter((name) => name !== undefined))];
}

async function operations(cluster: Cluster): Promise<string[]> {
  const records = await objects(cluster, configMaps, operationLabel);
  return records.flatMap(({ metadata }) => metadata.labels?.[operationLabel] ?? []);
}

async function names(cluster: Cluster, resource: Resource): Promise<string[]> {
  return (await objects(cluster, resource)).map(({ metadata }) => metadata.name);
}

/** One page is more than anybody reads. */
async function objects<T extends KubeObject>(
  cluster: Cluster,
  resource: Resource<T>,
  labelSelector?: string,
): Promise<T[]> {
  const list = (await cluster.ask({
    method: 'GET',
    path: pathOf(resource, resource.namespaced ? cluster.namespace : undefined),
    query: { limit: 500, labelSelector },
    accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json',
  })) as { items: T[] | null };
  return list.items ?? [];
}
