/**
 * A StatefulSet with persistentVolumeClaimRetentionPolicy.whenScaled: Delete deletes its claims when it is scaled to 0.
 * While it is stopped by us the policy is Retain; what it was stands on the StatefulSet.
 */
import type { Cluster } from '../cluster/cluster.ts';
import { onFreshObject } from '../cluster/conflict.ts';
import type { StatefulSet } from '../cluster/objects.ts';
import { statefulSets } from '../cluster/resources.ts';

/** Annotation on a StatefulSet whose policy was set to Retain for an operation: what it was, always `Delete`. */
const whenScaledAnnotation = 'pvsnap.io/when-scaled';

/** Whether its own policy is to delete claims, also while an operation has set it aside. */
export function deletesClaims(statefulSet: StatefulSet | undefined): boolean {
  return policyOf(statefulSet) === 'Delete' || isSetAside(statefulSet);
}

/** To be called before the scale to 0. Does nothing when the claims would stay anyway. */
export function keepClaims(cluster: Cluster, name: string, namespace: string): Promise<void> {
  return onFreshObject(async () => {
    const statefulSet = await cluster.find(statefulSets, name, namespace);
    if (statefulSet === undefined || policyOf(statefulSet) !== 'Delete') return;
    await write(cluster, statefulSet, 'Retain', 'Delete');
  });
}

/** Puts the policy back, unless somebody has changed it since. To be called once the replicas are back. */
export function releaseClaims(cluster: Cluster, name: string, namespace: string): Promise<void> {
  return onFreshObject(async () => {
    const statefulSet = await cluster.find(statefulSets, name, namespace);
    if (statefulSet === undefined || !isSetAside(statefulSet)) return;
    await write(cluster, statefulSet, policyOf(statefulSet) === 'Retain' ? 'Delete' : undefined, null);
  });
}

async function write(
  cluster: Cluster,
  { metadata }: StatefulSet,
  whenScaled: 'Delete' | 'Retain' | undefined,
  annotation: 'Delete' | null,
): Promise<void> {
  const { resourceVersion } = metadata;
  await cluster.patch(statefulSets, metadata, {
    metadata: { resourceVersion, annotations: { [whenScaledAnnotation]: annotation } },
    ...(whenScaled !== undefined && { spec: { persistentVolumeClaimRetentionPolicy: { whenScaled } } }),
  });
}

function policyOf(statefulSet: StatefulSet | undefined): string | undefined {
  return statefulSet?.spec?.persistentVolumeClaimRetentionPolicy?.whenScaled;
}

function isSetAside(statefulSet: StatefulSet | undefined): boolean {
  return statefulSet?.metadata.annotations?.[whenScaledAnnotation] === 'Delete';
}
