/** What snapshots on storage will be for a restore: under which names, and with which class. Reads only. */
import { ifAllowed } from '../../cluster/access.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import type { SnapshotClass } from '../../cluster/objects.ts';
import { snapshotClasses } from '../../cluster/resources.ts';
import { chooseClass } from '../../sets/classes.ts';
import type { Member } from '../../sets/member.ts';
import { joinFitting } from '../../sets/names.ts';
import type { StoredSet, StoredSnapshot } from '../../sets/stored.ts';
import { memberToImport } from '../imported.ts';
import type { StoredSource } from '../plan.ts';
import type { RestoreRequest } from '../request.ts';

export async function storedMembers(
  cluster: Cluster,
  request: RestoreRequest,
  { snapshots }: StoredSet,
): Promise<(Member & { stored: StoredSnapshot })[]> {
  const classes = await ifAllowed(cluster.list(snapshotClasses));
  return snapshots.map((given) => {
    const stored = { ...withoutClass(given), ...classOf(given, classes, request.className) };
    const imported = { ...sourceOf(stored, request), snapshot: snapshotNameOf(stored, request) };
    return { ...memberToImport(stored, request, imported), stored };
  });
}

/** Names are of the operation, so that no other's is met. */
function snapshotNameOf({ claim }: StoredSnapshot, { operation }: RestoreRequest): string {
  return joinFitting(claim, operation);
}

/** Contents are the whole cluster's. */
export function sourceOf(stored: StoredSnapshot, { operation, namespace }: RestoreRequest): StoredSource {
  const { claim, handle, driver, className, volumeMode } = stored;
  return {
    content: joinFitting(`${namespace}-${claim}`, operation),
    handle,
    driver,
    ...(className !== undefined && { className }),
    ...(volumeMode !== undefined && { volumeMode }),
  };
}

function withoutClass({ className: _, ...stored }: StoredSnapshot): StoredSnapshot {
  return stored;
}

/** The one that it was taken with may be gone, or be another driver's today. Ceph finds its credentials by the class. */
function classOf(
  { className: then, driver }: StoredSnapshot,
  classes: readonly SnapshotClass[] | undefined,
  wanted: string | undefined,
): { className?: string } {
  if (wanted !== undefined) return { className: wanted };
  if (classes === undefined) return then === undefined ? {} : { className: then };
  const isThere = classes.some((one) => one.metadata.name === then && one.driver === driver);
  if (then !== undefined && isThere) return { className: then };
  const chosen = chooseClass(classes, driver, undefined);
  return 'name' in chosen ? { className: chosen.name } : {};
}
