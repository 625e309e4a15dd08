/** Quota, limits and admission, as the server itself judges them. */
import type { Cluster } from '../../cluster/cluster.ts';
import type { Claim } from '../../cluster/objects.ts';
import { claims, contents, snapshots } from '../../cluster/resources.ts';
import type { Finding } from '../../errors.ts';
import { reasonOf } from '../../errors.ts';
import type { ClaimManifest } from '../../sets/manifest.ts';
import { joinFitting } from '../../sets/names.ts';
import { importedContent, importedOf, importedSnapshot } from '../imported.ts';
import type { Plan, RestorePlan } from '../plan.ts';
import { isUnchanged, manifestToCome } from '../plan.ts';

export interface Asked {
  about: string;
  /** What it is, for the message. */
  what: string;
  object: Claim;
  /** It takes the place of one that goes first: room is no question. */
  isReplacement?: boolean;
}

/** A dry run of every claim to be made. */
export async function serverRefusals(cluster: Cluster, asked: readonly Asked[]): Promise<Finding[]> {
  const results = await Promise.allSettled(asked.map(({ object }) => cluster.create(claims, object, { dryRun: true })));
  return results.flatMap((result, index) => {
    const { about = '', what = '', isReplacement = false } = asked[index] ?? {};
    if (result.status === 'fulfilled') return [];
    const problem = `${what} is refused: ${reasonOf(result.reason)}`;
    return isReplacement && problem.includes('exceeded quota') ? [] : [{ about, problem }];
  });
}

/** A dry run of every content and snapshot that is made of one on storage. */
export async function importRefusals(cluster: Cluster, plan: RestorePlan): Promise<Finding[]> {
  const refusals = plan.members.map(async (member): Promise<Finding[]> => {
    const imported = importedOf(member);
    if (imported === undefined) return [];
    try {
      await cluster.create(contents, importedContent(plan, imported), { dryRun: true });
      await cluster.create(snapshots, importedSnapshot(plan, imported), { dryRun: true });
      return [];
    } catch (error) {
      return [{ about: member.claim, problem: `what would stand for its snapshot is refused: ${reasonOf(error)}` }];
    }
  });
  return (await Promise.all(refusals)).flat();
}

/** Claims that an undo, or the rest of an interrupted operation, makes again. */
export function claimsToCome(plan: Plan): Asked[] {
  return plan.members.flatMap((member) => {
    const manifest = isUnchanged(member) ? undefined : manifestToCome(member);
    if (manifest === undefined) return [];
    const object = named(plan, manifest, joinFitting(member.claim, plan.operation));
    return [{ about: member.claim, what: 'the claim to come', object, isReplacement: true }];
  });
}

/** Under a free name; with its owners, whom a user may not be allowed to name (OwnerReferencesPermissionEnforcement). */
export function named({ namespace }: Plan, manifest: ClaimManifest, name: string): Claim {
  return { ...manifest, metadata: { ...manifest.metadata, name, namespace } };
}
