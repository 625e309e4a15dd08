/** Velero's server, as its Deployment shows it. */
import { ifAllowed } from '../cluster/access.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Deployment } from '../cluster/objects.ts';
import { deployments } from '../cluster/resources.ts';
import { isCsiEnabled } from './server-flags.ts';

/** Its own installer and OADP call it velero; the label is the installer's, and the Helm chart's. */
export async function serverIn(cluster: Cluster, namespace: string): Promise<Deployment | undefined> {
  const named = await cluster.find(deployments, 'velero', namespace);
  if (named !== undefined) return named;
  const labelSelector = 'app.kubernetes.io/name=velero';
  const [labelled] = await cluster.list(deployments, { namespace, labelSelector });
  return labelled;
}

/** Whether it takes snapshots of CSI drivers; undefined for a user who may not look, or where it isn't found. */
export async function takesCsiSnapshots(cluster: Cluster, home: string): Promise<boolean | undefined> {
  const deployment = await ifAllowed(serverIn(cluster, home));
  return deployment && isCsiEnabled(deployment);
}
