/** Takes back a stage, or a half-done retain: nothing has been stopped or swapped, so nothing of today's is at stake. */
import type { Claim, Volume } from '../cluster/objects.ts';
import { claims, volumes } from '../cluster/resources.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { together } from '../cluster/together.ts';
import { isClusterError } from '../errors.ts';
import { operationMark } from './marks.ts';
import type { Plan } from './plan.ts';
import { isAsNew } from './plan.ts';
import { ownPolicy, releaseVolume } from './volumes.ts';

/** Reads anew what there is, since the run that failed may not have seen its last write succeed. */
export async function unstage(cluster: Cluster, plan: Plan): Promise<void> {
  const labelSelector = `${operationMark}=${plan.operation}`;
  const marked: Volume[] = isAsNew(plan) ? [] : await cluster.list(volumes, { labelSelector });
  await together(marked.map(({ metadata }) => releaseVolume(cluster, metadata.name, ownPolicy)));

  const staged = await cluster.list(claims, { namespace: plan.namespace, labelSelector });
  const names = new Set(plan.members.map(({ staging }) => staging));
  await together(staged.filter(({ metadata }) => names.has(metadata.name)).map((claim) => remove(cluster, claim)));
}

async function remove(cluster: Cluster, { metadata }: Claim): Promise<void> {
  try {
    await cluster.delete(claims, metadata, { uid: metadata.uid });
  } catch (error) {
    if (!isClusterError(error, 'NotFound')) throw error;
  }
}
