/** Which CSI driver holds a claim's data. */
import type { Cluster } from '../cluster/cluster.ts';
import type { Claim, StorageClass, Volume } from '../cluster/objects.ts';
import { storageClasses, volumes } from '../cluster/resources.ts';
import { ClusterError } from '../errors.ts';

/**
 * The name of the CSI driver; `none` for a volume of no CSI driver or no volume at all; `unknown` when the user may
 * read neither the volume nor what else would tell.
 */
export type Driver = { name: string } | 'none' | 'unknown';

/** Set by the volume binder on claims that are provisioned dynamically. */
const provisionerAnnotations = [
  'volume.kubernetes.io/storage-provisioner',
  'volume.beta.kubernetes.io/storage-provisioner',
];

/** The drivers of claims, by claim. One request per bound claim; classes are listed only where volumes can't be read. */
export async function driversOf(cluster: Cluster, claims: readonly Claim[]): Promise<ReadonlyMap<string, Driver>> {
  let classes: Promise<StorageClass[]> | undefined;
  const readClasses = (): Promise<StorageClass[]> => (classes ??= cluster.list(storageClasses).catch(emptyIfForbidden));
  const pairs = await Promise.all(
    claims.map(async (claim) => [claim.metadata.name, await driverOf(cluster, claim, readClasses)] as const),
  );
  return new Map(pairs);
}

async function driverOf(cluster: Cluster, claim: Claim, readClasses: () => Promise<StorageClass[]>): Promise<Driver> {
  const volumeName = claim.spec?.volumeName ?? '';
  if (volumeName === '') return 'none';
  let volume: Volume | undefined;
  try {
    volume = await cluster.find(volumes, volumeName);
  } catch (error) {
    emptyIfForbidden(error);
    return withoutVolume(claim, await readClasses());
  }
  const name = volume?.spec?.csi?.driver;
  return name === undefined ? 'none' : { name };
}

/** A claim that was bound by name has no annotation; its class tells as well, if it has one that provisions. */
function withoutVolume({ metadata, spec }: Claim, classes: readonly StorageClass[]): Driver {
  const annotations = metadata.annotations ?? {};
  const annotated = provisionerAnnotations.map((key) => annotations[key]).find((value) => value !== undefined);
  const name = annotated ?? classes.find((known) => known.metadata.name === spec?.storageClassName)?.provisioner;
  return name === undefined ? 'unknown' : { name };
}

function emptyIfForbidden(error: unknown): [] {
  if (error instanceof ClusterError && error.status === 403) return [];
  throw error;
}
