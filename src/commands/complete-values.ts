/** What the cluster and the kubeconfig know of a word that is being typed. Names only, so that it is quick. */
import type { Cluster } from '../cluster/cluster.ts';
import { loadKubeconfig } from '../cluster/kubeconfig/load.ts';
import type { KubeObject } from '../cluster/objects.ts';
import type { Resource } from '../cluster/resources.ts';
import { claims, configMaps, isNamed, pathOf, snapshotClasses, snapshots } from '../cluster/resources.ts';
import { membershipOf } from '../sets/taker.ts';
import { covers, readBackups } from '../velero/backups.ts';
import { setNameOf } from '../velero/resources.ts';
import { resourceOf, workloadKinds } from '../workloads/kinds.ts';
import type { Sought } from './complete.ts';
import { textOf } from './flags.ts';
import { ownNameOf } from './get/own-words.ts';
import { types } from './get/types.ts';

const namespaces: Resource = { ...claims, plural: 'namespaces', kind: 'Namespace', namespaced: false };
/** By flag, and by verb and flag where a verb has others. */
const fixed: Record<string, readonly string[]> = {
  output: ['json', 'name', 'yaml'],
  'version output': ['json', 'yaml'],
  'get output': [
    ...['custom-columns-file=', 'custom-columns=', 'json', 'jsonpath-as-json=', 'jsonpath-file=', 'jsonpath='],
    ...['name', 'wide', 'yaml'],
  ],
  'dry-run': ['client', 'none', 'server'],
  strategy: ['replace', 'swap'],
};
const operationLabel = 'pvsnap.io/operation';

/** @throws ClusterError when the cluster doesn't answer */
export async function valuesFor(
  { verb = '', words, flag, args }: Sought,
  typed: string,
  connect: () => Cluster,
): Promise<string[]> {
  if (flag !== undefined) return flagValues(verb, flag, textOf(args, 'kubeconfig'), connect);
  switch (verb) {
    case 'get':
      return namesAfterType(words, typed, typeWords(typed), connect);
    case 'describe':
      return namesAfterType(words, typed, ['operation/', 'set/'], connect);
    case 'create':
      return without(words, await targetsFor(typed, connect));
    case 'restore':
      return without(words, await sourcesFor(words, typed, connect));
    case 'doctor':
      return words.length === 0 ? ['velero'] : [];
    case 'undo':
    case 'commit':
    case 'resume':
      return words.length === 0 ? operations(connect()) : [];
    default:
      return [];
  }
}

async function flagValues(
  verb: string,
  flag: string,
  kubeconfig: string | undefined,
  connect: () => Cluster,
): Promise<string[]> {
  if (flag === 'namespace') return names(connect(), namespaces);
  if (flag === 'context' || flag === 'cluster' || flag === 'user') {
    return [...loadKubeconfig(kubeconfig)[`${flag}s`].keys()];
  }
  if (flag === 'only') return within('pvc', claims, connect());
  if (flag === 'class') return names(connect(), snapshotClasses);
  return [...(fixed[`${verb} ${flag}`] ?? fixed[flag] ?? [])];
}

/** `TYPE NAME...` or `TYPE/NAME...` */
async function namesAfterType(
  words: readonly string[],
  typed: string,
  typeWords: string[],
  connect: () => Cluster,
): Promise<string[]> {
  const [type] = words;
  if (type !== undefined && !type.includes('/')) return without(words, await namesOf(type, connect()));
  const [prefix, ...name] = typed.split('/');
  if (prefix === undefined || name.length === 0) return typeWords;
  return without(
    words,
    (await namesOf(prefix, connect())).map((one) => `${prefix}/${one}`),
  );
}

/** Long names are in the way of those who look for short ones, until they are begun. */
function typeWords(typed: string): string[] {
  const long = typed === '' ? [] : types.map(({ plural, kind }) => `${plural}\t${kind}`);
  const short = types.map(({ kind, shortNames: [name = ''] }) => `${name}\t${kind}`);
  return ['operations\tRestores, undos and commits', 'sets\tSets of snapshots', ...short, ...long];
}

async function namesOf(type: string, cluster: Cluster): Promise<string[]> {
  const own = ownNameOf(type);
  if (own !== undefined) return own === 'sets' ? setNames(cluster) : operations(cluster);
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

/** One set, or several snapshots. */
async function sourcesFor(words: readonly string[], typed: string, connect: () => Cluster): Promise<string[]> {
  if (typed.startsWith('vs/')) return within('vs', snapshots, connect());
  return words.length > 0 ? ['vs/'] : [...(await setNames(connect())), 'vs/'];
}

async function within(kind: string, resource: Resource, cluster: Cluster): Promise<string[]> {
  return (await names(cluster, resource)).map((name) => `${kind}/${name}`);
}

async function setNames(cluster: Cluster): Promise<string[]> {
  // Where Velero isn't, or the user may not look, there are no backups to name.
  const [members, stored] = await Promise.all([objects(cluster, snapshots), readBackups(cluster, {}).catch(() => [])]);
  const here = stored.filter((backup) => covers(backup, cluster.namespace)).map(setNameOf);
  const names = members.map((snapshot) => membershipOf(snapshot)?.name).filter((name) => name !== undefined);
  return [...new Set([...names, ...here])];
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
