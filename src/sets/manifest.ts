/** A claim's manifest: all that is needed to make the claim again, without what the cluster wrote on it. */
import type { Claim } from '../cluster/objects.ts';

/** Fields that the API server sets, from k8s.io/apimachinery/pkg/apis/meta/v1 ObjectMeta. */
const serverFields = new Set([
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'finalizers',
  'managedFields',
  'selfLink',
]);

/** What the binder and the provisioner leave, from kubernetes pkg/controller/volume/persistentvolume/util. */
const bindingAnnotations = new Set([
  'pv.kubernetes.io/bind-completed',
  'pv.kubernetes.io/bound-by-controller',
  'volume.kubernetes.io/storage-provisioner',
  'volume.beta.kubernetes.io/storage-provisioner',
  'volume.kubernetes.io/selected-node',
]);

/** Where the data comes from belongs to the claim that was made, not to the one that will be. */
const bindingSpec = new Set(['volumeName', 'dataSource', 'dataSourceRef']);

export type ClaimManifest = Omit<Claim, 'status'>;

/** Labels, ownerReferences and all other annotations stay. The given claim isn't changed. */
export function manifestOf(claim: Claim): ClaimManifest {
  const metadata = without(claim.metadata, serverFields);
  if (claim.metadata.annotations !== undefined) {
    metadata.annotations = without(claim.metadata.annotations, bindingAnnotations);
  }
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec: without(claim.spec ?? {}, bindingSpec) };
}

/** undefined when the text isn't the manifest of a claim: whoever may write snapshots may have written the annotation. */
export function parseManifest(text: string | undefined): ClaimManifest | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isClaim(value) ? manifestOf(value) : undefined;
  } catch {
    // Not JSON: the same as no manifest.
    return undefined;
  }
}

/** The shape of all that is read of a manifest here; the API server judges the rest. */
function isClaim(value: unknown): value is Claim {
  if (!isMap(value) || value.kind !== 'PersistentVolumeClaim') return false;
  const { metadata, spec } = value;
  if (!isMap(metadata) || typeof metadata.name !== 'string' || !isMap(spec)) return false;
  const { labels = {}, annotations = {}, ownerReferences = [] } = metadata;
  const { resources = {}, storageClassName = '' } = spec;
  const requests = isMap(resources) ? (resources.requests ?? {}) : undefined;
  return (
    [labels, annotations, requests].every((texts) => isMap(texts) && hasTexts(texts, Object.keys(texts))) &&
    typeof storageClassName === 'string' &&
    Array.isArray(ownerReferences) &&
    ownerReferences.every((owner) => isMap(owner) && hasTexts(owner, ['apiVersion', 'kind', 'name', 'uid']))
  );
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasTexts(map: Record<string, unknown>, keys: readonly string[]): boolean {
  return keys.every((key) => typeof map[key] === 'string');
}

function without<T extends object>(object: T, keys: ReadonlySet<string>): T {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.has(key))) as T;
}
