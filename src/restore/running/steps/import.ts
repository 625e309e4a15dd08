/**
 * Makes objects of snapshots that are on storage alone, and waits until claims can be made from them.
 *
 * A record alone makes none: anybody who may write ConfigMaps may have written it, and a handle in it could be that of
 * somebody else's data. Then what an earlier run made is looked for. Contents are the whole cluster's: those that are
 * there were made by somebody who may.
 */
import { createOnce } from '../../../cluster/create-once.ts';
import type { Content, Snapshot } from '../../../cluster/objects.ts';
import { contents, snapshots } from '../../../cluster/resources.ts';
import { together } from '../../../cluster/together.ts';
import { FailedError } from '../../../errors.ts';
import { isReady } from '../../../sets/member.ts';
import { importedContent, importedOf, importedSnapshot, isImported } from '../../imported.ts';
import { operationMark } from '../../marks.ts';
import type { RestoreMember, RestorePlan } from '../../plan.ts';
import type { RunContext } from '../context.ts';
import { membersToStage } from './stage.ts';

/**
 * @param mayMake the handles are known to be those of the source
 * @throws FailedError when what was made is gone; the signal's reason at the deadline
 */
export async function importSnapshots(
  context: RunContext<RestorePlan>,
  mayMake: boolean,
  signal: AbortSignal,
): Promise<void> {
  const { plan, report, watchOf } = context;
  const members = await membersToStage(context);
  const watch = await watchOf(snapshots, { labelSelector: `${operationMark}=${plan.operation}` });
  if (mayMake) await together(members.map((member) => make(context, member, signal)));
  else await together(members.map((member) => find(context, member)));
  const tell = (objects: ReadonlyMap<string, Snapshot>): void => {
    const ready = members.filter(({ snapshot }) => isReadyIn(objects, snapshot)).length;
    const detail = [...objects.values()].map(({ status }) => status?.error?.message).find((text) => text !== undefined);
    report({ step: 'import', done: ready, total: members.length, ...(detail !== undefined && { detail }) });
  };
  await watch.until((objects) => {
    tell(objects);
    return members.every(({ snapshot }) => isReadyIn(objects, snapshot)) || undefined;
  }, signal);
  // Found by another name than its own handle's, a content would bring other data.
  await together(members.map((member) => find(context, member)));
}

function isReadyIn(objects: ReadonlyMap<string, Snapshot>, name: string): boolean {
  const snapshot = objects.get(name);
  return snapshot !== undefined && isReady(snapshot);
}

async function make(
  { cluster, plan }: RunContext<RestorePlan>,
  member: RestoreMember,
  signal: AbortSignal,
): Promise<void> {
  const imported = importedOf(member);
  if (imported === undefined) return;
  const isSame = (existing: Content): boolean =>
    isImported(plan, existing) && existing.spec.source.snapshotHandle === imported.handle;
  const isOurs = ({ metadata }: Snapshot): boolean => metadata.labels?.[operationMark] === plan.operation;
  await createOnce(cluster, contents, importedContent(plan, imported), isSame, signal);
  await createOnce(cluster, snapshots, importedSnapshot(plan, imported), isOurs, signal);
}

/** @throws FailedError unless the content is there, of the handle that the plan has */
async function find({ cluster, plan }: RunContext<RestorePlan>, member: RestoreMember): Promise<void> {
  const imported = importedOf(member);
  if (imported === undefined) return;
  const [content, snapshot] = await Promise.all([
    cluster.find(contents, imported.content),
    cluster.find(snapshots, imported.snapshot, plan.namespace),
  ]);
  const isSame = content?.spec.source.snapshotHandle === imported.handle && isImported(plan, content);
  const isBound = snapshot?.spec.source.volumeSnapshotContentName === imported.content;
  if (isSame && isBound) return;
  throw new FailedError(
    `${member.claim}: what stood for its snapshot (volumesnapshotcontent ${imported.content}) is not there, or is another; ` +
      `undo ${plan.operation}, and restore ${plan.source.name} again`,
  );
}
