/** Who keeps objects as they are in git, and would put back what a restore changes on them. */
import { missingRights } from '../cluster/access.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { KubeObject } from '../cluster/objects.ts';
import type { Finding } from '../errors.ts';
import { argoCdKeepers } from './argo-cd.ts';
import { fluxKeepers } from './flux.ts';
import type { Keeper, KeeperFinder } from './keeper.ts';
import { placeOf } from './keeper.ts';
import type { Owner } from './owner.ts';
import { ownerResource } from './owner.ts';

/**
 * Finds the Applications, Kustomizations and HelmReleases that act by themselves on objects which are to be changed,
 * and those above them that would undo our change of the lower ones.
 *
 * The cluster is asked only where a label or an annotation gives a reason.
 * @param changed what will be scaled, annotated or patched: workloads and custom resources
 * @returns owners to be held in this order, outermost first; a finding for each that may not be read or changed
 * @throws ClusterError when the server doesn't answer
 */
export async function findGitOps(
  cluster: Cluster,
  changed: readonly KubeObject[],
): Promise<{ owners: Owner[]; findings: Finding[]; notes: string[] }> {
  const walk = walkOver([argoCdKeepers(cluster), fluxKeepers(cluster)]);
  await walk.visit(changed);
  const refused = await Promise.all(walk.keepers.map((keeper) => refusalOf(cluster, keeper)));
  const held = walk.keepers.filter((_, index) => refused[index] === undefined);
  return {
    owners: held.map(ownerOf),
    findings: [...walk.findings.values(), ...refused.filter((one) => one !== undefined)],
    notes: [...new Set([...walk.notes, ...held.map(({ note }) => note)])],
  };
}

/** A keeper comes after its own keepers. One that keeps itself, as GitOps tools often do, is met once. */
function walkOver(finders: readonly KeeperFinder[]): {
  visit: (objects: readonly KubeObject[]) => Promise<void>;
  keepers: Keeper[];
  findings: Map<string, Finding>;
  notes: string[];
} {
  const seen = new Set<string>();
  const keepers: Keeper[] = [];
  const findings = new Map<string, Finding>();
  const notes: string[] = [];
  const visit = async (objects: readonly KubeObject[]): Promise<void> => {
    for (const object of objects) {
      for (const find of finders) {
        const kept = await find(object);
        for (const finding of kept.findings) findings.set(finding.about, finding);
        notes.push(...kept.notes);
        for (const keeper of kept.keepers) {
          const uid = keeper.object.metadata.uid ?? placeOf(keeper.object);
          if (seen.has(uid)) continue;
          seen.add(uid);
          await visit([keeper.object]);
          keepers.push(keeper);
        }
      }
    }
  };
  return { visit, keepers, findings, notes };
}

async function refusalOf(cluster: Cluster, { object, resource, command }: Keeper): Promise<Finding | undefined> {
  const { namespace } = object.metadata;
  const missing = await missingRights(cluster, [
    { verb: 'patch', resource, ...(namespace !== undefined && { namespace }) },
  ]);
  if (missing.length === 0) return undefined;
  const problem = 'would put back what is changed, and you may not patch it';
  return { about: placeOf(object), problem, remedy: `have somebody run: ${command}` };
}

function ownerOf({ object, resource, changes }: Keeper): Owner {
  const { namespace, name, uid = '' } = object.metadata;
  return {
    role: 'gitops',
    resource: ownerResource(resource),
    ...(namespace !== undefined && { namespace }),
    name,
    uid,
    changes,
    how: 'pause',
  };
}
