/**
 * Argo CD: which Application keeps an object as it is in git, and what keeps the Application.
 *
 * What it has applied carries the annotation tracking-id, or a label with the Application's name
 * (github.com/argoproj/argo-cd, util/argo/resource_tracking.go; InstanceName in pkg/apis/application/v1alpha1/types.go).
 */
import type { Cluster } from '../cluster/cluster.ts';
import { resourceOfKind } from '../cluster/discovery.ts';
import type { KubeObject } from '../cluster/objects.ts';
import type { Resource } from '../cluster/resources.ts';
import type { Finding } from '../errors.ts';
import { isClusterError } from '../errors.ts';
import { applicationSetOf } from './application-set.ts';
import { groupOf } from './group-of.ts';
import type { Kept, Keeper, KeeperFinder } from './keeper.ts';
import { isName, placeOf } from './keeper.ts';
import { unheld } from './unheld.ts';
import { valueAt } from './value-at.ts';

interface Application extends KubeObject {
  spec?: { syncPolicy?: { automated?: { enabled?: boolean; prune?: boolean; selfHeal?: boolean } } };
  status?: { resources?: { group?: string; kind?: string; namespace?: string; name?: string }[] };
}

/** How an object names its Application. */
interface Tracking {
  name: string;
  /** Absent: that in which Argo CD itself runs. */
  namespace?: string;
  /** Helm charts set the same label for their own purpose: only an Application that lists the object is meant. */
  isDoubtful: boolean;
}

type Applications = { resource: Resource<Application>; items: readonly Application[] | undefined } | undefined;

/** Where Argo CD's own manifests and OpenShift GitOps install it. */
const usualNamespaces = ['argocd', 'openshift-gitops'];

/** Lists Applications once, of all namespaces. */
export function argoCdKeepers(cluster: Cluster): KeeperFinder {
  let listed: Promise<Applications> | undefined;
  return async (object) => {
    const owning = await applicationSetOf(cluster, object);
    const tracking = trackingOf(object);
    if (tracking === undefined) return owning;
    const applications = await (listed ??= listApplications(cluster));
    const kept =
      applications === undefined ? elsewhere(tracking, object) : await keptBy(cluster, applications, tracking, object);
    return { ...kept, keepers: [...owning.keepers, ...kept.keepers], findings: [...owning.findings, ...kept.findings] };
  };
}

/**
 * An annotation that names another object was copied from there, as operators do with those of their custom resource.
 * Argo CD takes no notice of it either.
 */
function trackingOf(object: KubeObject): Tracking | undefined {
  const { annotations = {}, labels = {} } = object.metadata;
  const id = annotations['argocd.argoproj.io/tracking-id'];
  if (id !== undefined) {
    const [instance, type, ...place] = id.split(':');
    return isOf(object, type, place.join(':')) ? instanceOf(instance, false) : undefined;
  }
  const own = labels['argocd.argoproj.io/instance'];
  return own === undefined ? instanceOf(labels['app.kubernetes.io/instance'], true) : instanceOf(own, false);
}

/** `<group>/<kind>` and `<namespace>/<name>`; an object without a namespace is written with the Application's target. */
function isOf(object: KubeObject, type: string | undefined, place: string): boolean {
  const { kind, metadata } = object;
  const [namespace, name] = place.split('/');
  const isPlace = name === metadata.name && (metadata.namespace === undefined || namespace === metadata.namespace);
  return type === `${groupOf(object)}/${kind}` && isPlace;
}

/** `<name>`, or `<namespace>_<name>` of an Application outside Argo CD's own namespace. */
function instanceOf(instance: string | undefined, isDoubtful: boolean): Tracking | undefined {
  const [first, ...more] = instance?.split('_') ?? [];
  const [namespace, name] = more.length === 0 ? [undefined, first] : [first, more.join('_')];
  if (!isName(name)) return undefined;
  if (namespace === undefined) return { name, isDoubtful };
  return isName(namespace) ? { name, namespace, isDoubtful } : undefined;
}

async function listApplications(cluster: Cluster): Promise<Applications> {
  const resource = await resourceOfKind(cluster, 'argoproj.io/v1alpha1', 'Application');
  if (resource === undefined) return undefined;
  try {
    return { resource, items: (await cluster.list<Application>(resource)).map(unheld) };
  } catch (error) {
    if (!isClusterError(error, 'Forbidden')) throw error;
    return { resource, items: undefined };
  }
}

async function keptBy(
  cluster: Cluster,
  { resource, items }: NonNullable<Applications>,
  tracking: Tracking,
  object: KubeObject,
): Promise<Kept> {
  if (items === undefined) return unlisted(cluster, resource, tracking, object);
  const named = items.filter(
    ({ metadata }) =>
      metadata.name === tracking.name &&
      (tracking.namespace === undefined || metadata.namespace === tracking.namespace),
  );
  if (named.length === 0) return elsewhere(tracking, object);
  const listing = named.filter((application) => lists(application, object));
  if (listing.length > 0 || tracking.isDoubtful)
    return { keepers: listing.flatMap((one) => keeperOf(resource, one)), findings: [], notes: [] };
  const unsaid = named.filter(saysNothing);
  const keepers = unsaid.flatMap((one) => keeperOf(resource, one));
  return { keepers, findings: [], notes: unsaid.length > 0 ? [] : [unlistedNote(object, tracking)] };
}

/** Nothing of what it keeps: it was not compared yet. */
function saysNothing({ status }: Application): boolean {
  return (status?.resources ?? []).length === 0;
}

/** Whoever may annotate an object may name any Application there, which must not be held for that. */
function unlistedNote(object: KubeObject, { name }: Tracking): string {
  return `${placeOf(object)} says that Argo CD's application ${name} keeps it, which does not list it and is left alone`;
}

/** Argo CD may run in another cluster and keep what is in this one. */
function elsewhere({ name, isDoubtful }: Tracking, object: KubeObject): Kept {
  const note =
    `${placeOf(object)} was applied by Argo CD's application ${name}, which is not in this cluster: ` +
    `if it syncs by itself, run first: argocd app set ${name} --sync-policy none`;
  return { keepers: [], findings: [], notes: isDoubtful ? [] : [note] };
}

/** Who may not list them may be able to read the one that is named. */
async function unlisted(
  cluster: Cluster,
  resource: Resource<Application>,
  tracking: Tracking,
  object: KubeObject,
): Promise<Kept> {
  const { name, namespace, isDoubtful } = tracking;
  for (const one of namespace === undefined ? usualNamespaces : [namespace]) {
    const application = await readable(cluster, resource, name, one);
    if (application === undefined || (isDoubtful && !lists(application, object))) continue;
    if (!lists(application, object) && !saysNothing(application))
      return { keepers: [], findings: [], notes: [unlistedNote(object, tracking)] };
    return { keepers: keeperOf(resource, application), findings: [], notes: [] };
  }
  if (!isDoubtful) return { keepers: [], findings: [unreadable(tracking)], notes: [] };
  const note = `you may not list applications.argoproj.io: if one of them syncs by itself, it may put ${placeOf(object)} back`;
  return { keepers: [], findings: [], notes: [note] };
}

async function readable(
  cluster: Cluster,
  resource: Resource<Application>,
  name: string,
  namespace: string,
): Promise<Application | undefined> {
  try {
    const application = await cluster.find(resource, name, namespace);
    return application && unheld(application);
  } catch (error) {
    if (isClusterError(error, 'Forbidden')) return undefined;
    throw error;
  }
}

function lists({ status }: Application, object: KubeObject): boolean {
  const { kind, metadata } = object;
  return (status?.resources ?? []).some(
    (one) =>
      (one.group ?? '') === groupOf(object) &&
      one.kind === kind &&
      one.name === metadata.name &&
      (metadata.namespace === undefined || one.namespace === metadata.namespace),
  );
}

/** None for one that only syncs when a person says so. */
function keeperOf(resource: Resource, application: Application): Keeper[] {
  const path = ['spec', 'syncPolicy', 'automated'];
  const before = valueAt(application, path);
  const { enabled = true, selfHeal = false, prune = false } = application.spec?.syncPolicy?.automated ?? {};
  if (before === undefined || !enabled) return [];
  const { name, namespace = '' } = application.metadata;
  const would = [
    selfHeal
      ? 'selfHeal would put back what is changed'
      : 'it would put back what is changed at the next change in git',
    ...(prune ? ['prune would delete what is not in git'] : []),
  ];
  return [
    {
      object: application,
      resource,
      changes: [{ path, before, during: null }],
      command: commandFor(name, namespace),
      note: `${placeOf(application)} does not sync by itself meanwhile: ${would.join(', ')}`,
    },
  ];
}

function unreadable({ name, namespace = usualNamespaces[0] ?? '' }: Tracking): Finding {
  const about = `application/${name} in namespace ${namespace}`;
  const problem = 'may put back what is changed, and you may not read it';
  return { about, problem, remedy: `have somebody run: ${commandFor(name, namespace)}` };
}

function commandFor(name: string, namespace: string): string {
  const patch = '{"spec":{"syncPolicy":{"automated":null}}}';
  return `kubectl patch applications.argoproj.io ${name} -n ${namespace} --type merge -p '${patch}'`;
}
