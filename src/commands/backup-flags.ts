/** Flags of `create` that mean something with --velero alone. */
import type { Options } from 'yargs';
import { UsageError } from '../errors.ts';
import type { Arguments } from './command.ts';
import { veleroFlags } from './velero-flags.ts';

export const backupFlags: Record<string, Options> = {
  velero: { type: 'boolean', describe: 'Let Velero take it: a Backup, or with --schedule a Schedule' },
  schedule: { type: 'string', describe: 'With --velero: when to make backups, such as "0 2 * * *"' },
  ttl: { type: 'string', describe: 'With --velero: how long to keep it, such as 720h' },
  'storage-location': { type: 'string', describe: 'With --velero: which BackupStorageLocation' },
  'include-namespaces': { type: 'array', string: true, describe: 'With --velero: these namespaces, instead of -n' },
  'include-resources': { type: 'array', string: true, describe: 'With --velero: only these kinds' },
  hooks: { type: 'string', describe: 'With --velero: a file with spec.hooks of a Backup, YAML or JSON' },
  ...veleroFlags,
};

/** @throws UsageError for flags that mean nothing without --velero */
export function refuseBackupFlags(args: Arguments): void {
  const given = Object.keys(backupFlags).find((flag) => flag !== 'velero' && args[flag] !== undefined);
  if (given !== undefined) throw new UsageError(`--${given} goes with --velero`);
}
