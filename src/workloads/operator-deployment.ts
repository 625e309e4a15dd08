/**
 * The Deployment of the operator that acts on a custom resource: from OLM, else from who wrote the objects
 * (managedFields) and who holds the operator's Lease. One that isn't found for sure is for a person to name.
 */
import { ifAllowed } from '../cluster/access.ts';
import type { Cluster, Scope } from '../cluster/cluster.ts';
import { resourceOfKind } from '../cluster/discovery.ts';
import type { Deployment, KubeObject, Lease } from '../cluster/objects.ts';
import type { Resource } from '../cluster/resources.ts';
import { deployments, leases, qualifiedName } from '../cluster/resources.ts';
import type { Finding } from '../errors.ts';
import { isName } from './keeper.ts';
import { displayName } from './kinds.ts';
import { scaledOwner } from './named-operators.ts';
import type { Owner } from './owner.ts';
import type { Parent } from './parents.ts';
import { unheld } from './unheld.ts';

interface Found {
  owners: Owner[];
  /** Their Deployments. */
  objects: KubeObject[];
  findings: Finding[];
  notes: string[];
}

/** @param below what the custom resource stands above: the operator has written it */
export async function findOperator(
  cluster: Cluster,
  top: Parent,
  below: readonly { object: KubeObject }[],
): Promise<Found> {
  const fromOlm = await fromServiceVersion(cluster, top);
  const candidates = fromOlm.length > 0 ? fromOlm : await fromWriters(cluster, top, below);
  const certain = fromOlm.length > 0 || candidates.length === 1;
  if (!certain) return { owners: [], objects: [], findings: [unknownOperator(top, candidates)], notes: [] };
  const others = await othersOf(cluster, top);
  const serves = others ?? [];
  const objects = candidates.map(unheld);
  const [running, resting] = [true, false].map((isRunning) =>
    objects.filter(({ spec }) => (spec?.replicas !== 0) === isRunning),
  ) as [Deployment[], Deployment[]];
  const owners = objects.map((deployment) => ({ ...operatorOwner(deployment), ...(serves.length > 0 && { serves }) }));
  return {
    owners,
    objects: running,
    findings: [],
    notes: [...resting.map(restNote), ...(others === undefined ? [unseenNote(top, objects)] : [])],
  };
}

/** One at 0, which no operation holds, was stopped by a person, and stays so: but its last pod may still act. */
function operatorOwner(deployment: Deployment): Owner {
  const owner = scaledOwner(deployment);
  return deployment.spec?.replicas === 0 ? { ...owner, changes: [] } : owner;
}

function restNote({ metadata: { name, namespace = '' } }: Deployment): string {
  return `${namespace}/deployment/${name} is stopped already, and stays so: what only it makes comes back once you start it.`;
}

interface ServiceVersion extends KubeObject {
  spec?: {
    customresourcedefinitions?: { owned?: { name: string }[] };
    install?: { spec?: { deployments?: { name: string }[] } };
  };
}

/** OLM copies a ClusterServiceVersion into each namespace that its operator serves (pkg/controller/operators/olm there). */
async function fromServiceVersion(cluster: Cluster, { resource, object }: Parent): Promise<Deployment[]> {
  const kind = await resourceOfKind(cluster, 'operators.coreos.com/v1alpha1', 'ClusterServiceVersion');
  if (kind === undefined) return [];
  const all: ServiceVersion[] = await readable(cluster, kind, { namespace: object.metadata.namespace });
  const name = qualifiedName(resource);
  const owns = ({ spec }: ServiceVersion): boolean =>
    spec?.customresourcedefinitions?.owned?.some((owned) => owned.name === name) === true;
  // A copy may be anybody's: what it was copied from, in the operator's own namespace, is what is believed.
  const originals = await Promise.all(all.filter(owns).map((one) => originalOf(cluster, kind, one)));
  const owning = originals.filter((one) => one !== undefined).filter(owns);
  const wanted = owning.flatMap(({ metadata, spec }) =>
    (spec?.install?.spec?.deployments ?? []).map((deployment) => ({
      name: deployment.name,
      namespace: metadata.namespace ?? '',
    })),
  );
  const found = await Promise.all(wanted.map((one) => cluster.find(deployments, one.name, one.namespace)));
  return found.filter((deployment) => deployment !== undefined);
}

async function originalOf(
  cluster: Cluster,
  kind: Resource<ServiceVersion>,
  version: ServiceVersion,
): Promise<ServiceVersion | undefined> {
  const home = version.metadata.labels?.['olm.copiedFrom'];
  if (home === undefined || home === version.metadata.namespace) return version;
  if (!isName(home)) return undefined;
  const all = await readable(cluster, kind, { namespace: home });
  return all.find(({ metadata }) => metadata.name === version.metadata.name);
}

/**
 * A name alone may be that of something else, which must not be stopped: the Deployment must also lead by a Lease, as
 * controllers do, or call itself one.
 */
async function fromWriters(
  cluster: Cluster,
  { resource, object }: Parent,
  below: readonly { object: KubeObject }[],
): Promise<Deployment[]> {
  const everywhere: Deployment[] = await readable(cluster, deployments, {});
  const all =
    everywhere.length > 0 ? everywhere : await readable(cluster, deployments, { namespace: object.metadata.namespace });
  const held: Lease[] = await readable(cluster, leases, {});
  const leadsBy = ({ metadata }: Deployment, isMeant: (lease: Lease) => boolean): boolean =>
    held.some(
      (lease) =>
        lease.metadata.namespace === metadata.namespace &&
        isPodOf(metadata.name, lease.spec?.holderIdentity ?? '') &&
        isMeant(lease),
    );
  const writers = new Set(
    [...writersOf(object, isStatus), ...below.flatMap((one) => writersOf(one.object, isOwning))].map(bareName),
  );
  const writing = all.filter(
    (deployment) =>
      namesOf(deployment).some((name) => writers.has(bareName(name))) &&
      (leadsBy(deployment, () => true) || controllerNames.test(namesOf(deployment).join(' '))),
  );
  if (writing.length === 1 || resource.group === '') return writing;
  // Many an operator calls itself "manager": the Lease by which it leads may name its group.
  const isOfGroup = ({ metadata }: Lease): boolean => isNamedIn(metadata.name, resource.group);
  const leading = (writing.length > 0 ? writing : all).filter((deployment) => leadsBy(deployment, isOfGroup));
  return leading.length > 0 ? leading : writing;
}

/** `lock.mongodb.io` doesn't name the group `db.io`. */
function isNamedIn(lease: string, group: string): boolean {
  const at = lease.indexOf(group);
  const isWithin = [lease.charAt(at - 1), lease.charAt(at + group.length)].some((next) => /[a-z0-9]/.test(next));
  return at >= 0 && !isWithin;
}

const controllerNames = /operator|controller|manager/i;

/** Those who write for people, or for other reasons than that they act on the object. */
const bystanders = /^(kubectl|oc$|helm|argocd|kustomize|kube-|before-first-apply|mozilla|olm$|catalog$)/i;

function writersOf({ metadata }: KubeObject, isTelling: (fields: ManagedFields) => boolean): string[] {
  return (metadata.managedFields ?? []).flatMap((fields) => {
    const { manager } = fields;
    return manager === undefined || bystanders.test(manager) || !isTelling(fields) ? [] : [manager];
  });
}

type ManagedFields = NonNullable<KubeObject['metadata']['managedFields']>[number];

/** Of a custom resource: its spec is people's, its status its operator's. */
function isStatus({ subresource, fieldsV1 }: ManagedFields): boolean {
  return subresource === 'status' || Object.hasOwn((fieldsV1 ?? {}) as object, 'f:status');
}

/** Of what is below: whoever made it for the custom resource. */
function isOwning({ fieldsV1 = {} }: ManagedFields): boolean {
  const { 'f:metadata': metadata } = fieldsV1 as { 'f:metadata'?: object };
  return Object.hasOwn(metadata ?? {}, 'f:ownerReferences');
}

/** client-go names a writer after its program's file, if the program doesn't name itself. */
function namesOf({ metadata, spec }: Deployment): string[] {
  const containers = spec?.template.spec?.containers ?? [];
  const programs = containers.flatMap(({ image = '', command = [] }) => [
    baseName(image).replace(/[:@].*$/, ''),
    baseName(command[0] ?? ''),
  ]);
  return [metadata.name, ...programs].filter((name) => name !== '');
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** PrometheusOperator and prometheus-operator are the same. */
function bareName(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** client-go's leader election: the host's name, which is the pod's, and a random end. */
function isPodOf(deployment: string, holder: string): boolean {
  const pod = holder.split('_')[0] ?? '';
  return pod.startsWith(`${deployment}-`) && /^[a-z0-9]+-[a-z0-9]+$/.test(pod.slice(deployment.length + 1));
}

/** Of which it takes no care meanwhile either; undefined for a user who may not list them. */
async function othersOf(cluster: Cluster, { resource, object }: Parent): Promise<string[] | undefined> {
  const all = await ifAllowed(cluster.list(resource));
  const others = all?.filter(({ metadata }) => metadata.uid !== object.metadata.uid);
  return others?.map(({ kind, metadata: { name, namespace } }) => {
    const where = namespace === undefined || namespace === object.metadata.namespace ? '' : `${namespace}/`;
    return `${where}${displayName({ kind: kind.toLowerCase(), name })}`;
  });
}

/** Nothing where the user may not list: the operator is then for the person to name. */
async function readable<T extends KubeObject>(cluster: Cluster, resource: Resource<T>, scope: Scope): Promise<T[]> {
  return (await ifAllowed(cluster.list(resource, scope))) ?? [];
}

function unseenNote({ resource }: Parent, operators: readonly Deployment[]): string {
  const names = operators.map(({ metadata }) => displayName({ kind: 'deployment', name: metadata.name })).join(', ');
  return `You may not list ${qualifiedName(resource)} in all namespaces: which others ${names} serves can't be seen.`;
}

function unknownOperator({ object }: Parent, candidates: readonly Deployment[]): Finding {
  const about = displayName({ kind: object.kind.toLowerCase(), name: object.metadata.name });
  const named = candidates.map(({ metadata }) => `${metadata.namespace ?? ''}/deployment/${metadata.name}`);
  const which = named.length === 0 ? 'is not found' : `may be any of ${named.join(', ')}`;
  return {
    about,
    problem: `(${object.apiVersion}) would start its pods again, and its operator ${which}`,
    remedy: `name it: --stop ${named[0] ?? '[NAMESPACE/]deployment/NAME'}; or stop it yourself, and say so: --no-stop ${about}`,
  };
}
