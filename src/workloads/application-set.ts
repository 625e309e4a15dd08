/**
 * Argo CD's ApplicationSet: writes the Applications that it owns anew, also spec.syncPolicy, unless its policy forbids
 * updates (github.com/argoproj/argo-cd, pkg/apis/application/v1alpha1/applicationset_types.go, AllowUpdate;
 * applicationset/utils/policy.go, DefaultPolicy: a controller that is started with --policy may overrule it).
 */
import type { Cluster } from '../cluster/cluster.ts';
import { resourceOfKind } from '../cluster/discovery.ts';
import type { KubeObject } from '../cluster/objects.ts';
import type { Resource } from '../cluster/resources.ts';
import { isClusterError } from '../errors.ts';
import type { Kept } from './keeper.ts';
import { isName, placeOf } from './keeper.ts';
import { unheld } from './unheld.ts';
import { valueAt } from './value-at.ts';

interface ApplicationSet extends KubeObject {
  spec?: {
    syncPolicy?: { applicationsSync?: string };
    ignoreApplicationDifferences?: { name?: string; jsonPointers?: string[] }[];
  };
}

const apiVersion = 'argoproj.io/v1alpha1';
const nobody: Kept = { keepers: [], findings: [], notes: [] };

/** Nobody for an object that is no Application, or that no ApplicationSet owns. */
export async function applicationSetOf(cluster: Cluster, application: KubeObject): Promise<Kept> {
  const { name, namespace, ownerReferences = [] } = application.metadata;
  const reference = ownerReferences.find(({ kind, apiVersion: of }) => kind === 'ApplicationSet' && of === apiVersion);
  if (application.kind !== 'Application' || reference === undefined || !isName(reference.name)) return nobody;
  const resource = await resourceOfKind(cluster, apiVersion, 'ApplicationSet');
  if (resource === undefined) return nobody;
  try {
    const set = await cluster.find<ApplicationSet>(resource, reference.name, namespace);
    return set === undefined || !rewrites(unheld(set), name) ? nobody : keptBy(unheld(set), resource);
  } catch (error) {
    if (!isClusterError(error, 'Forbidden')) throw error;
    const about = placeOf({ kind: 'ApplicationSet', metadata: { ...application.metadata, name: reference.name } });
    const problem = `may write ${placeOf(application)} anew, and you may not read it`;
    return { ...nobody, findings: [{ about, problem, remedy: remedyFor(reference.name, namespace) }] };
  }
}

function rewrites({ spec }: ApplicationSet, application: string): boolean {
  const policy = spec?.syncPolicy?.applicationsSync ?? 'sync';
  const ignored = (spec?.ignoreApplicationDifferences ?? [])
    .filter(({ name = '' }) => name === '' || name === application)
    .flatMap(({ jsonPointers = [] }) => jsonPointers);
  const leavesSyncPolicy = ['/spec/syncPolicy', '/spec/syncPolicy/automated'].some((one) => ignored.includes(one));
  return ['sync', 'create-update'].includes(policy) && !leavesSyncPolicy;
}

function keptBy(set: ApplicationSet, resource: Resource): Kept {
  const path = ['spec', 'syncPolicy', 'applicationsSync'];
  const before = valueAt(set, path);
  const changes = [{ path, ...(before !== undefined && { before }), during: 'create-only' }];
  const note = `${placeOf(set)} does not update its Applications meanwhile: it would let them sync again`;
  const command = commandFor(set.metadata.name, set.metadata.namespace);
  return { ...nobody, keepers: [{ object: set, resource, changes, command, note }] };
}

function remedyFor(name: string, namespace: string | undefined): string {
  return `have somebody run: ${commandFor(name, namespace)}`;
}

function commandFor(name: string, namespace = ''): string {
  const patch = '{"spec":{"syncPolicy":{"applicationsSync":"create-only"}}}';
  return `kubectl patch applicationsets.argoproj.io ${name} -n ${namespace} --type merge -p '${patch}'`;
}
