/** KEDA's ScaledObjects: they start a workload from 0 as soon as a trigger asks for it. */
import { missingRights } from '../cluster/access.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { resourceOfKind } from '../cluster/discovery.ts';
import type { KubeObject } from '../cluster/objects.ts';
import type { Resource } from '../cluster/resources.ts';
import type { Finding } from '../errors.ts';
import { isClusterError } from '../errors.ts';
import type { FieldChange, Owner } from './owner.ts';
import type { ScaleTarget, ScaleTargetRef } from './scale-target.ts';
import { isTarget } from './scale-target.ts';
import { unheld } from './unheld.ts';

interface ScaledObject extends KubeObject {
  spec?: { scaleTargetRef?: ScaleTargetRef };
}

interface Found {
  owners: Owner[];
  findings: Finding[];
  notes: string[];
}

// github.com/kedacore/keda, apis/keda/v1alpha1/scaledobject_types.go
const paused = 'autoscaling.keda.sh/paused';
const pausedReplicas = 'autoscaling.keda.sh/paused-replicas';
const pausedOneWay = ['autoscaling.keda.sh/paused-scale-in', 'autoscaling.keda.sh/paused-scale-out'];

/** Where scaleTargetRef leaves them out (apis/keda/v1alpha1/gvkr.go). */
const defaults: ScaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment' };

/** ScaledObjects of these workloads that don't rest already. Nothing is asked twice, and nothing where KEDA isn't. */
export async function findScaledObjects(
  cluster: Cluster,
  namespace: string,
  targets: readonly ScaleTarget[],
): Promise<Found> {
  const resource = await resourceOfKind(cluster, 'keda.sh/v1alpha1', 'ScaledObject');
  if (resource === undefined) return { owners: [], findings: [], notes: [] };
  const all = await listed(cluster, resource, namespace);
  if (all === undefined) {
    const note = `you may not list scaledobjects.keda.sh in namespace ${namespace}: if KEDA scales a workload that is stopped, it may start it again`;
    return { owners: [], findings: [], notes: [note] };
  }
  const meant = all.filter((one) => targets.some((target) => isTarget(targetOf(one), target)));
  const owners = meant.map((one) => ownerOf(one, resource)).filter(({ changes }) => changes.length > 0);
  if (owners.length === 0) return { owners, findings: [], notes: [] };
  const missing = await missingRights(cluster, [{ verb: 'patch', resource, namespace }]);
  if (missing.length > 0) return { owners: [], findings: owners.map(findingOf), notes: [] };
  return { owners, findings: [], notes: owners.map(noteOf) };
}

async function listed(
  cluster: Cluster,
  resource: Resource,
  namespace: string,
): Promise<readonly ScaledObject[] | undefined> {
  try {
    return (await cluster.list<ScaledObject>(resource, { namespace })).map(unheld);
  } catch (error) {
    if (isClusterError(error, 'Forbidden')) return undefined;
    throw error;
  }
}

function targetOf({ spec }: ScaledObject): ScaleTargetRef {
  const { apiVersion = '', kind = '', name = '' } = spec?.scaleTargetRef ?? {};
  return {
    apiVersion: apiVersion === '' ? (defaults.apiVersion ?? '') : apiVersion,
    kind: kind === '' ? (defaults.kind ?? '') : kind,
    name,
  };
}

function ownerOf({ metadata }: ScaledObject, resource: Resource): Owner {
  const { group, version, plural, kind, namespaced } = resource;
  const { namespace, name, uid = '', annotations = {} } = metadata;
  // Paused in one direction the condition is true already, and says nothing of the other.
  const isOneWay = pausedOneWay.some((key) => annotations[key] !== undefined);
  return {
    role: 'autoscaler',
    resource: { group, version, plural, kind, namespaced },
    ...(namespace !== undefined && { namespace }),
    name,
    uid,
    changes: changesOf(annotations),
    how: 'pause',
    ...(!isOneWay && { proof: { type: 'Paused', status: 'True' } }),
  };
}

/**
 * With paused-replicas KEDA scales to that number whenever it looks (scaledobject_controller.go,
 * scaleTargetToPausedCount): to another than 0 while it is stopped, to 0 while it is started again. So the number is
 * taken away, after paused is there. It counts whatever paused says.
 */
function changesOf(annotations: Readonly<Record<string, string>>): FieldChange[] {
  const replicas = annotations[pausedReplicas];
  const before = annotations[paused];
  if (replicas === '0') return [];
  const isPaused = before !== undefined && !isFalse(before);
  return [
    ...(isPaused ? [] : [changeOf(paused, before, 'true')]),
    ...(replicas === undefined ? [] : [changeOf(pausedReplicas, replicas, null)]),
  ];
}

/** As Go's strconv.ParseBool; whatever it can't read counts as true (getBoolAnnotation). */
function isFalse(text: string): boolean {
  return ['0', 'f', 'F', 'false', 'False', 'FALSE'].includes(text);
}

function changeOf(key: string, before: string | undefined, during: 'true' | null): FieldChange {
  return { path: ['metadata', 'annotations', key], ...(before !== undefined && { before }), during };
}

function findingOf(owner: Owner): Finding {
  const { name, namespace = '', changes } = owner;
  const settings = changes.map(({ path, during }) => (path.at(-1) ?? '') + (during === null ? '-' : '=true')).join(' ');
  const remedy = `have somebody run: kubectl annotate scaledobjects.keda.sh ${name} -n ${namespace} --overwrite ${settings}`;
  return { about: aboutOf(owner), problem: 'would start what is stopped, and you may not patch it', remedy };
}

function noteOf(owner: Owner): string {
  return `${aboutOf(owner)} is paused meanwhile: KEDA would start what it scales again`;
}

function aboutOf({ name, namespace = '' }: Owner): string {
  return `scaledobject/${name} in namespace ${namespace}`;
}
