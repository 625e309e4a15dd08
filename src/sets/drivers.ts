/** Which CSI driver holds a claim's data. */
import type { Cluster } from '../cluster/cluster.ts';
import type { Claim, Volume } from '../cluster/objects.ts';
import { volumes } from '../cluster/resources.ts';
import { ClusterError } from '../errors.ts';

/** Set by the volume binder on claims that are provisioned dynamically, for a user who may not read volumes. */
const provisionerAnnotations = [
  'volume.kubernetes.io/storage-provisioner',
  'volume.beta.kubernetes.io/storage-provisioner',
];

/** The drivers of bound claims, by claim; a claim whose volume is no CSI volume has none. One request per claim. */
export async function driversOf(cluster: Cluster, claims: readonly Claim[]): Promise<ReadonlyMap<string, string>> {
  const pairs = await Promise.all(
    claims.map(async (claim) => [claim.metadata.name, await driverOf(cluster, claim)] as const),
  );
  return new Map(pairs.filter((pair): pair is [string, string] => pair[1] !== undefined));
}

async function driverOf(cluster: Cluster, claim: Claim): Promise<string | undefined> {
  const volumeName = claim.spec?.volumeName ?? '';
  if (volumeName === '') return undefined;
  let volume: Volume | undefined;
  try {
    volume = await cluster.find(volumes, volumeName);
  } catch (error) {
    if (!(error instanceof ClusterError && error.status === 403)) throw error;
    const annotations = claim.metadata.annotations ?? {};
    return provisionerAnnotations.map((key) => annotations[key]).find((provisioner) => provisioner !== undefined);
  }
  return volume?.spec?.csi?.driver;
}
