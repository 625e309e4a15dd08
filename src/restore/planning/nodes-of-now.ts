/** Where an operation that goes on may provision: the nodes that its plan was made with may be gone. */
import { ifAllowed, missingRights } from '../../cluster/access.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import type { Node, Volume } from '../../cluster/objects.ts';
import { nodes, volumes } from '../../cluster/resources.ts';
import type { Plan, RestoreMember } from '../plan.ts';
import { nodesToTry } from './nodes.ts';

/**
 * The plan with those of its nodes that are left; else with others that the volume allows. Without the right to list: as
 * it is.
 */
export async function withNodesOfNow(cluster: Cluster, plan: Plan): Promise<Plan> {
  if (plan.kind !== 'restore' || plan.members.every(({ nodes: planned }) => planned.length === 0)) return plan;
  const missing = await missingRights(cluster, [{ verb: 'list', resource: nodes }]);
  if (missing.length > 0) return plan;
  const present = await cluster.list(nodes);
  return { ...plan, members: await Promise.all(plan.members.map((member) => withNodes(cluster, member, present))) };
}

async function withNodes(cluster: Cluster, member: RestoreMember, present: readonly Node[]): Promise<RestoreMember> {
  if (member.nodes.length === 0) return member;
  // One that takes no more pods may still be provisioned for, and its place is that of the claims that are there already.
  const left = member.nodes.filter((name) => present.some(({ metadata }) => metadata.name === name));
  const now = left.length > 0 ? left : nodesToTry(await formerVolume(cluster, member), undefined, present);
  // With none at all, the step says which ones it has tried.
  return now.length > 0 ? { ...member, nodes: now } : member;
}

/** One that was replaced is gone, and some users may not read any. */
async function formerVolume(cluster: Cluster, { now }: RestoreMember): Promise<Volume | undefined> {
  if (now === undefined || now.volume === '') return undefined;
  return ifAllowed(cluster.find(volumes, now.volume));
}
