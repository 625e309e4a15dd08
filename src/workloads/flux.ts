/**
 * Flux: what a Kustomization or a HelmRelease has applied carries its name and namespace as labels
 * (github.com/fluxcd/pkg, ssa/manager.go, SetOwnerLabels; github.com/fluxcd/helm-controller,
 * internal/postrender/common_renderer.go). With spec.suspend it does nothing (kustomization_controller.go and
 * helmrelease_controller.go, Reconcile).
 */
import type { Cluster } from '../cluster/cluster.ts';
import { resourceOfKind } from '../cluster/discovery.ts';
import type { KubeObject } from '../cluster/objects.ts';
import type { Resource } from '../cluster/resources.ts';
import type { Finding } from '../errors.ts';
import { isClusterError } from '../errors.ts';
import { groupOf } from './group-of.ts';
import type { Kept, KeeperFinder } from './keeper.ts';
import { isName, placeOf } from './keeper.ts';
import { unheld } from './unheld.ts';
import { valueAt } from './value-at.ts';

interface Applier {
  group: string;
  kind: string;
  /** Newest first. */
  versions: readonly string[];
}

const appliers: readonly Applier[] = [
  { group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization', versions: ['v1', 'v1beta2'] },
  { group: 'helm.toolkit.fluxcd.io', kind: 'HelmRelease', versions: ['v2', 'v2beta2', 'v2beta1'] },
];

/** Asks for each Kustomization and HelmRelease once. */
export function fluxKeepers(cluster: Cluster): KeeperFinder {
  const known = new Map<string, Promise<Kept>>();
  const served = new Map<Applier, Promise<Resource | undefined>>();
  const keptBy = async (applier: Applier, object: KubeObject): Promise<Kept> => {
    const name = object.metadata.labels?.[`${applier.group}/name`];
    const namespace = object.metadata.labels?.[`${applier.group}/namespace`];
    if (!isName(name) || !isName(namespace) || isLeftAlone(applier, object)) return nobody;
    const resource = await remembered(served, applier, () => servedResource(cluster, applier));
    if (resource === undefined) return elsewhere(applier.kind.toLowerCase(), name, namespace);
    const key = [applier.kind, namespace, name].join('/');
    const kept = await remembered(known, key, () => read(cluster, resource, name, namespace));
    return kept.keepers.every((keeper) => mayKeep(keeper.object, object)) ? kept : leftAlone(object, kept);
  };
  return async (object) => {
    const all = await Promise.all(appliers.map((applier) => keptBy(applier, object)));
    return {
      keepers: all.flatMap(({ keepers }) => keepers),
      findings: all.flatMap(({ findings }) => findings),
      notes: all.flatMap(({ notes }) => notes),
    };
  };
}

const nobody: Kept = { keepers: [], findings: [], notes: [] };

/** kustomization_controller.go, apply: what it excludes. */
function isLeftAlone({ kind, group }: Applier, { metadata }: KubeObject): boolean {
  const { annotations = {}, labels = {} } = metadata;
  const says = (key: string): string | undefined => annotations[`${group}/${key}`] ?? labels[`${group}/${key}`];
  return kind === 'Kustomization' && (says('reconcile') === 'disabled' || says('ssa') === 'Ignore');
}

interface Inventoried extends KubeObject {
  status?: { inventory?: { entries?: { id: string }[] } };
}

/**
 * Whoever may label an object may name any Kustomization there, which must not be held for that: what one has applied
 * stands in its inventory (github.com/fluxcd/cli-utils, pkg/object/objmetadata.go).
 */
function mayKeep({ status }: Inventoried, object: KubeObject): boolean {
  const { entries = [] } = status?.inventory ?? {};
  const { namespace = '', name } = object.metadata;
  const id = [namespace, name, groupOf(object), object.kind].join('_');
  return entries.length === 0 || entries.some((entry) => entry.id === id);
}

function leftAlone(object: KubeObject, { keepers }: Kept): Kept {
  const notes = keepers.map(
    (keeper) =>
      `${placeOf(object)} says that ${placeOf(keeper.object)} keeps it, which does not list it and is left alone`,
  );
  return { ...nobody, notes };
}

function remembered<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}

async function servedResource(cluster: Cluster, { group, kind, versions }: Applier): Promise<Resource | undefined> {
  for (const version of versions) {
    const resource = await resourceOfKind(cluster, `${group}/${version}`, kind);
    if (resource !== undefined) return resource;
  }
  return undefined;
}

async function read(cluster: Cluster, resource: Resource, name: string, namespace: string): Promise<Kept> {
  const path = ['spec', 'suspend'];
  const command = commandFor(resource.singular, name, namespace);
  try {
    const found = await cluster.find(resource, name, namespace);
    if (found === undefined) return elsewhere(resource.singular, name, namespace);
    const object = unheld(found);
    const before = valueAt(object, path);
    if (before === true) return nobody;
    const changes = [{ path, ...(before !== undefined && { before }), during: true }];
    const note = `${placeOf(object)} is suspended meanwhile: it would put back what is changed`;
    return { ...nobody, keepers: [{ object, resource, changes, command, note }] };
  } catch (error) {
    if (!isClusterError(error, 'Forbidden')) throw error;
    return { ...nobody, findings: [unreadable(`${resource.singular}/${name} in namespace ${namespace}`, command)] };
  }
}

/** Flux may run in another cluster and apply to this one. */
function elsewhere(kind: string, name: string, namespace: string): Kept {
  const note =
    `what is changed was applied by ${kind}/${name} in namespace ${namespace}, which is not in this cluster: ` +
    `if it is in another, run there first: ${commandFor(kind, name, namespace)}`;
  return { ...nobody, notes: [note] };
}

function unreadable(about: string, command: string): Finding {
  const problem = 'may put back what is changed, and you may not read it';
  return { about, problem, remedy: `have somebody run: ${command}` };
}

function commandFor(kind: string, name: string, namespace: string): string {
  return `flux suspend ${kind} ${name} -n ${namespace}`;
}
