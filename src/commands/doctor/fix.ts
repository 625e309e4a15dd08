/** `doctor velero --fix`: shows what would be removed, asks, and removes it. */
import { missingRights } from '../../cluster/access.ts';
import { FailedError, RefusedError } from '../../errors.ts';
import type { Output } from '../../terminal/output.ts';
import { planText } from '../../terminal/plan.ts';
import { removeLeftovers, rightsToFix } from '../../velero/doctor/fix.ts';
import type { Leftover, Leftovers } from '../../velero/doctor/leftovers.ts';
import { readLeftovers } from '../../velero/doctor/read-leftovers.ts';
import { askToBegin, requireAnswerable } from '../asking.ts';
import type { Invocation } from '../command.ts';
import type { DryRun, OutputFormat } from '../flags.ts';
import { dryRunOf, formatOf, textOf } from '../flags.ts';
import { printValue } from '../print.ts';

export async function fixLeftovers({ args, output, connect, cancelled }: Invocation): Promise<void> {
  const [format, dryRun] = [formatOf(args), dryRunOf(args)];
  requireAnswerable('doctor --fix', args, output);
  const cluster = connect();
  const scope = { namespace: textOf(args, 'namespace'), veleroNamespace: textOf(args, 'velero-namespace') };
  const found = await readLeftovers(cluster, scope);
  const { removable } = found;
  const text = planText(describe(found, scope.namespace), output.width);
  if (dryRun === 'client' || removable.length === 0) {
    await printAll(output, format, { removable, dryRun, text });
    return;
  }
  const missing = await missingRights(cluster, rightsToFix(removable));
  if (missing.length > 0) throw new RefusedError("what is left can't be removed; nothing was changed", missing);
  output.note(`${text}\n\n`);
  if (dryRun === 'none') await askToBegin('Remove these objects now?', args);
  const removed: Leftover[] = [];
  const failures = await removeLeftovers(cluster, removable, {
    dryRun: dryRun === 'server',
    cancelled,
    onRemoved: (leftover) => removed.push(leftover),
  });
  await printAll(output, format, { removable: removed, dryRun });
  if (failures.length === 0) return;
  const each = failures.map(({ about, problem }) => `  ${about}: ${problem}`);
  throw new FailedError(`${failures.length} of ${removable.length} were not removed:\n${each.join('\n')}`);
}

const suffixes = { none: '', client: ' (dry run)', server: ' (server dry run)' };

/** @param text the plan, where nothing is done about it */
async function printAll(
  output: Output,
  format: OutputFormat | undefined,
  { removable, dryRun, text }: { removable: readonly Leftover[]; dryRun: DryRun; text?: string },
): Promise<void> {
  if (format === 'json' || format === 'yaml') {
    await printValue(output, format, removable);
    return;
  }
  const names = removable.flatMap(({ snapshot, content }) => [
    ...(snapshot === undefined ? [] : [`volumesnapshot/${snapshot.name}`]),
    ...(content === undefined ? [] : [`volumesnapshotcontent/${content.name}`]),
  ]);
  if (format === 'name') await output.print(names.map((name) => `${name}\n`).join(''));
  else if (text !== undefined) await output.print(`${text}\n`);
  else await output.print(names.map((name) => `${name} deleted${suffixes[dryRun]}\n`).join(''));
}

function describe({ removable, kept }: Leftovers, namespace: string | undefined): Parameters<typeof planText>[0] {
  const where = namespace === undefined ? 'all namespaces' : `namespace ${namespace}`;
  const owners = removable.filter(({ content }) => content?.deletionPolicy === 'Delete').length;
  return {
    title:
      removable.length === 0
        ? `Velero has left nothing to remove, ${where}`
        : `Removal of what Velero has left, ${where}`,
    sections: [
      ...(removable.length === 0 ? [] : [{ label: 'delete', lines: tableOf(removable) }]),
      ...(kept.length === 0
        ? []
        : [{ label: 'keep', lines: kept.map(({ about, problem }) => `${about}: ${problem}`) }]),
    ],
    closing:
      removable.length === 0
        ? []
        : [
            'Only these objects go. The snapshots on storage stay, with their handles, for the backups that name them.',
            ...(owners === 0 ? [] : [`${owners} of the contents would take theirs along: they are made Retain first.`]),
          ],
  };
}

function tableOf(leftovers: readonly Leftover[]): { columns: string[]; rows: string[][] } {
  const rows = leftovers.map(({ namespace, snapshot, content, kind, backup, restore }) => [
    namespace,
    snapshot?.name ?? '-',
    content === undefined ? '-' : content.name === snapshot?.name ? 'same name' : content.name,
    content?.handle ?? '-',
    kind === 'restore' ? `restore ${restore ?? ''}` : `backup ${backup}, gone`,
  ]);
  return { columns: ['NAMESPACE', 'SNAPSHOT', 'CONTENT', 'HANDLE', 'LEFT BY'], rows };
}
