/** Flags of verbs that read what Velero keeps in its store. */
import type { Options } from 'yargs';
import type { Cluster } from '../cluster/cluster.ts';
import { FailedError, RefusedError, UsageError } from '../errors.ts';
import { agreesWith } from '../restore/imported.ts';
import type { Plan } from '../restore/plan.ts';
import { isImporting } from '../restore/plan.ts';
import type { RestoreRequest } from '../restore/request.ts';
import type { StoredSet } from '../sets/stored.ts';
import type { Arguments } from './command.ts';
import { textOf } from './flags.ts';

export const veleroFlags: Record<string, Options> = {
  'velero-namespace': { type: 'string', describe: 'Where Velero is, if there are several or you may not look for it' },
  'store-address': {
    type: 'string',
    describe: "HOST:PORT at which Velero's object store is reached from here, such as a port-forward",
  },
};

/** @throws UsageError for what is no HOST:PORT */
export function storeAddressOf(args: Arguments): string | undefined {
  const address = textOf(args, 'store-address');
  if (address === undefined || /^(\[[0-9a-f:.]+\]|[\w.-]+):\d{1,5}$/i.test(address)) return address;
  throw new UsageError(`--store-address "${address}": expected HOST:PORT, such as 127.0.0.1:9000`);
}

/**
 * Whether objects may be made of what a record says of snapshots on storage: whoever may write ConfigMaps may have written
 * it. Only claims of the operation's own namespace are looked for in the backup, so that nobody else's are found.
 */
export async function mayImport(cluster: Cluster, args: Arguments, plan: Plan): Promise<boolean> {
  const { backupNameOf, storedSetOf } = await import('../velero/stored-set.ts');
  const backup = plan.kind === 'restore' && isImporting(plan) ? backupNameOf(plan.source.name) : undefined;
  if (backup === undefined) return false;
  const [veleroNamespace, storeAddress] = [textOf(args, 'velero-namespace'), storeAddressOf(args)];
  const only = plan.members.map(({ claim }) => claim);
  try {
    const request = { backup, namespace: plan.namespace, only, veleroNamespace, storeAddress };
    const stored = await storedSetOf(cluster, request);
    return stored !== undefined && agreesWith(plan, stored);
  } catch (error) {
    // Its store can't be read from here: what was imported before may do.
    if (error instanceof RefusedError || error instanceof FailedError) return false;
    throw error;
  }
}

/**
 * What a backup of Velero's holds on storage.
 * @returns undefined for any other source, and for a backup whose snapshots are in the cluster
 */
export async function storedSourceOf(
  cluster: Cluster,
  args: Arguments,
  source: RestoreRequest['source'],
  only: readonly string[],
): Promise<StoredSet | undefined> {
  const [veleroNamespace, storeAddress] = [textOf(args, 'velero-namespace'), storeAddressOf(args)];
  const { backupNameOf, storedSetOf } = await import('../velero/stored-set.ts');
  const backup = 'set' in source ? backupNameOf(source.set) : undefined;
  const stored =
    backup === undefined
      ? undefined
      : await storedSetOf(cluster, { backup, namespace: cluster.namespace, only, veleroNamespace, storeAddress });
  if (stored === undefined && textOf(args, 'to-namespace') !== undefined) {
    throw new UsageError(
      "--to-namespace: only a backup of Velero's (velero/BACKUP) can be restored into another namespace",
    );
  }
  return stored;
}
