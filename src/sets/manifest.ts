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

/** undefined when the text isn't the manifest of a claim: somebody else may have written the annotation. */
export function parseManifest(text: string | undefined): ClaimManifest | undefined {
  if (text === undefined) return undefined;
  try {
    const value = JSON.parse(text) as Partial<Claim> | null;
    const isClaim = value?.kind === 'PersistentVolumeClaim' && typeof value.metadata?.name === 'string';
    return isClaim && value.spec !== undefined ? manifestOf(value as Claim) : undefined;
  } catch {
    // Not JSON: the same as no manifest.
    return undefined;
  }
}

function without<T extends object>(object: T, keys: ReadonlySet<string>): T {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.has(key))) as T;
}
