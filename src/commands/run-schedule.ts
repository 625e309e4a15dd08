/** `run`: makes the backup of a schedule of Velero's now. */
import type { Options } from 'yargs';
import { missingRights } from '../cluster/access.ts';
import { RefusedError } from '../errors.ts';
import { locationFindings } from '../velero/location-findings.ts';
import { backupOfSchedule } from '../velero/make-backup.ts';
import { backups } from '../velero/resources.ts';
import { findSchedule } from '../velero/schedules.ts';
import { claimsSelectedBy } from '../velero/selected-claims.ts';
import { followThrough, rightsToFollow } from './backup-follow.ts';
import type { Command, Invocation } from './command.ts';
import { dryRunOf, formatOf, textOf, timeoutMsOf } from './flags.ts';
import { printResult } from './print.ts';
import { scheduleFlags, scheduleNamed } from './schedule-words.ts';
import { storeAddressOf, veleroFlags } from './velero-flags.ts';

export const flags: Record<string, Options> = {
  ...veleroFlags,
  timeout: { type: 'string', default: '10m', describe: 'How long to wait until it has ended; it goes on' },
  wait: { type: 'boolean', default: true, describe: 'Wait until it has ended, and look at what it holds' },
  ...scheduleFlags,
};

export const usage =
  "$0 run schedule/NAME [flags]\n\nMakes the backup of a schedule of Velero's now, waits for it, and looks at what it holds.";

export const examples: Command['examples'] = [['$0 run schedule/nightly', 'Now, as it would at its next time']];

export async function run(invocation: Invocation): Promise<void> {
  const { args, output, connect } = invocation;
  const name = scheduleNamed('run', args._);
  const [format, dryRun] = [formatOf(args), dryRunOf(args)];
  timeoutMsOf(args);
  storeAddressOf(args);
  const cluster = connect();
  const schedule = await findSchedule(cluster, name, textOf(args, 'velero-namespace'));
  const home = schedule.metadata.namespace ?? '';
  const backup = backupOfSchedule(schedule, new Date());
  const right = { verb: 'create', resource: backups, namespace: home } as const;
  const missing = await missingRights(cluster, [right, ...rightsToFollow(home)]);
  const findings = [...missing, ...(await locationFindings(cluster, home, schedule.spec.template.storageLocation))];
  if (findings.length > 0) throw new RefusedError(`${name} can't be run; nothing was made`, findings);
  if (dryRun !== 'none') {
    const made = dryRun === 'server' ? await cluster.create(backups, backup, { dryRun: true }) : backup;
    const shown = `backup.velero.io/${backup.metadata.name}`;
    await printResult(output, { format, dryRun, name: shown, verb: 'created', items: [made] });
    return;
  }
  const { includedNamespaces = [] } = schedule.spec.template;
  await followThrough(invocation, cluster, backup, {
    namespaces: includedNamespaces,
    expected: await claimsSelectedBy(cluster, schedule.spec.template),
  });
}
