/** Who is held by an operation whose record is gone: what stands on the owners themselves tells. */
import type { Cluster } from '../cluster/cluster.ts';
import { resourceOfGroup } from '../cluster/discovery.ts';
import type { KubeObject } from '../cluster/objects.ts';
import type { Resource } from '../cluster/resources.ts';
import { qualifiedName } from '../cluster/resources.ts';
import { isClusterError } from '../errors.ts';
import { heldChanges } from './hold.ts';
import { operatorEntries } from './operator-entries.ts';
import { operatorEntryOf } from './operators.ts';
import type { Owner } from './owner.ts';
import { ownerResource, ownerRoles } from './owner.ts';
import { unheld } from './unheld.ts';

interface Place {
  role: Owner['role'];
  group: string;
  kinds: readonly string[];
  /** They may be in any namespace. */
  isElsewhere?: true;
}

const places: readonly Place[] = [
  { role: 'gitops', group: 'argoproj.io', kinds: ['ApplicationSet', 'Application'], isElsewhere: true },
  { role: 'gitops', group: 'kustomize.toolkit.fluxcd.io', kinds: ['Kustomization'], isElsewhere: true },
  { role: 'gitops', group: 'helm.toolkit.fluxcd.io', kinds: ['HelmRelease'], isElsewhere: true },
  { role: 'autoscaler', group: 'keda.sh', kinds: ['ScaledObject'] },
  { role: 'autoscaler', group: 'autoscaling', kinds: ['HorizontalPodAutoscaler'] },
  { role: 'schedule', group: 'batch', kinds: ['CronJob'] },
  ...[...Map.groupBy(operatorEntries, ({ group }) => group)].map(([group, entries]): Place => ({
    role: 'resource',
    group,
    kinds: [...new Set(entries.flatMap(({ kinds }) => kinds))],
  })),
  { role: 'operator', group: 'apps', kinds: ['Deployment', 'StatefulSet'], isElsewhere: true },
];

/** @returns them in the order in which they are held; a note for each kind that can't be listed */
export async function findHeld(
  cluster: Cluster,
  namespace: string,
  operations: readonly string[],
): Promise<{ owners: Owner[]; notes: string[] }> {
  const notes: string[] = [];
  const found = await Promise.all(
    places.flatMap(({ role, group, kinds, isElsewhere }) =>
      kinds.map(async (kind) => {
        const resource = await resourceOfGroup(cluster, group, kind);
        if (resource === undefined) return [];
        const isAnywhere = isElsewhere === true || !resource.namespaced;
        const seen = isAnywhere ? await listed(cluster, resource, {}) : undefined;
        const all = seen ?? (await listed(cluster, resource, { namespace }));
        const isSeen = isAnywhere ? seen !== undefined : all !== undefined;
        if (!isSeen) notes.push(`You may not list ${qualifiedName(resource)}: one that is still held is not seen.`);
        return (all ?? []).flatMap((object) => ownerOf(object, resource, role, operations));
      }),
    ),
  );
  const owners = found.flat();
  return { owners: ownerRoles.flatMap((role) => owners.filter((owner) => owner.role === role)), notes: notes.sort() };
}

/** undefined: the user may not. */
async function listed(
  cluster: Cluster,
  resource: Resource,
  scope: { namespace?: string },
): Promise<KubeObject[] | undefined> {
  try {
    return await cluster.list(resource, scope);
  } catch (error) {
    if (!isClusterError(error, 'Forbidden')) throw error;
    return undefined;
  }
}

function ownerOf(object: KubeObject, resource: Resource, role: Owner['role'], operations: readonly string[]): Owner[] {
  const changes = heldChanges(object, operations);
  if (changes === undefined) return [];
  const { namespace, name, uid = '' } = object.metadata;
  const entry = role === 'resource' ? operatorEntryOf(unheld(object)) : undefined;
  return [
    {
      role,
      resource: ownerResource(resource),
      ...(namespace !== undefined && { namespace }),
      name,
      uid,
      changes,
      how: role === 'operator' ? 'scale' : (entry?.how ?? 'pause'),
      ...(entry?.ready !== undefined && { ready: entry.ready }),
    },
  ];
}
