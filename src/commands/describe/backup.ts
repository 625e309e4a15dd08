/** A backup of Velero's in full: what it holds of each claim, where, and what is wrong with it. */
import { readableBytes } from '../../cluster/quantity.ts';
import type { BackupFacts, SnapshotSet } from '../../sets/set.ts';
import { age, seconds } from '../../terminal/age.ts';
import type { DescribedTable, Field } from '../../terminal/description.ts';
import type { Backup } from '../../velero/resources.ts';
import { skewMsOf } from '../../velero/volumes.ts';
import type { BackupVolume } from '../../velero/volumes.ts';

/** @param volumes undefined: its store doesn't have the files that tell */
export function backupFields(
  set: SnapshotSet & { backup: BackupFacts },
  { metadata, spec, status = {} }: Backup,
  volumes: readonly BackupVolume[] | undefined,
  programName: string,
): Field[] {
  const { phase, schedule = '<none>', expiresAt } = set.backup;
  const held = (volumes ?? []).filter(({ heldAs }) => heldAs === 'snapshot');
  const skewMs = skewMsOf(held);
  return [
    ['Name', set.name],
    ['Namespace', set.namespace],
    ['Labels', Object.entries(metadata.labels ?? {}).map(([key, value]) => `${key}=${value}`)],
    ['Taken By', set.takenBy],
    ['Velero', metadata.namespace ?? ''],
    ['Schedule', schedule],
    ['Target', set.target],
    ['Created', timeText(set.createdAtMs)],
    ['Expires', expiresAt ?? '<none>'],
    ['Phase', phase],
    ['Errors', `${status.errors ?? 0}, and ${status.warnings ?? 0} warnings`],
    ['Store', spec?.storageLocation ?? 'default'],
    ['Skew', skewMs === undefined ? '<unknown>' : seconds(skewMs)],
    ['Size', readableBytes(held.reduce((sum, { snapshot }) => sum + (snapshot?.sizeBytes ?? 0), 0))],
    ['Claims', volumes === undefined ? '<unknown> (the store does not have the files that tell)' : tableOf(volumes)],
    ['Problems', problemsOf(status, volumes ?? [])],
    ...(held.length > 0 ? [['Next', nextOf(set, held, programName)] as const] : []),
  ];
}

function timeText(ms: number): string {
  return `${new Date(ms).toISOString()} (${age(Date.now() - ms)} ago)`;
}

function tableOf(volumes: readonly BackupVolume[]): DescribedTable {
  const rows = volumes.map(({ namespace, claim, heldAs, snapshot }) => [
    namespace,
    claim,
    heldAs,
    snapshot?.handle ?? '<none>',
    snapshot?.driver ?? '<none>',
    snapshot?.className ?? '<none>',
    snapshot === undefined ? '<none>' : readableBytes(snapshot.sizeBytes),
    snapshot?.cutAtNs === undefined ? '<unknown>' : new Date(snapshot.cutAtNs / 1e6).toISOString(),
  ]);
  return { columns: ['Namespace', 'Claim', 'Held As', 'Handle', 'Driver', 'Class', 'Size', 'Cut'], rows };
}

function problemsOf(
  { failureReason, validationErrors = [] }: NonNullable<Backup['status']>,
  volumes: readonly BackupVolume[],
): string[] {
  const reasons = volumes.flatMap(({ claim, heldAs, reason }) =>
    heldAs === 'snapshot' ? [] : [`${claim}: ${heldAs}${reason === undefined ? '' : `: ${reason}`}`],
  );
  return [...(failureReason === undefined ? [] : [failureReason]), ...validationErrors, ...reasons];
}

/** For each namespace that it holds snapshots of. */
function nextOf({ name }: SnapshotSet, held: readonly BackupVolume[], programName: string): string[] {
  const namespaces = [...new Set(held.map(({ namespace }) => namespace))];
  return namespaces.map((namespace) => `${programName} restore ${name} -n ${namespace} --dry-run=client`);
}
