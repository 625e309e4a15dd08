import type { Cluster } from '../cluster/cluster.ts';
import { deployments } from '../cluster/resources.ts';
import { hasStatus } from './find.ts';
import { isCsiEnabled } from './server-flags.ts';

/** Whether Velero's server takes snapshots of CSI drivers; undefined for a user who may not look, or another name. */
export async function takesCsiSnapshots(cluster: Cluster, home: string): Promise<boolean | undefined> {
  try {
    const deployment = await cluster.find(deployments, 'velero', home);
    return deployment && isCsiEnabled(deployment);
  } catch (error) {
    if (hasStatus(error, 403)) return undefined;
    throw error;
  }
}
