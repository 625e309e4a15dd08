/** Asks Velero for a signed address of one of a backup's files, and reads it. */
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Cluster } from '../cluster/cluster.ts';
import { openWatch } from '../cluster/watch.ts';
import { RefusedError, isClusterError } from '../errors.ts';
import { storeProblem } from './explain-store.ts';
import type { DownloadKind } from './resources.ts';
import { downloadRequests } from './resources.ts';
import type { StoreAccess } from './store.ts';
import { StoreRefusal, openFile } from './store.ts';

export interface BackupFile {
  /** Velero's namespace. */
  namespace: string;
  backup: string;
  kind: DownloadKind;
}

/** Velero needs half a second; one that doesn't run would never answer. */
const answerMs = 20_000;

/**
 * @returns undefined when the store has no such file: Velero signs addresses without looking
 * @throws RefusedError with the way out, when Velero doesn't answer or the store can't be read
 */
export async function download(
  cluster: Cluster,
  file: BackupFile,
  access: StoreAccess,
  signal?: AbortSignal,
): Promise<Readable | undefined> {
  const url = await signedAddress(cluster, file, signal);
  try {
    return await openFile(url, access, signal);
  } catch (error) {
    if (signal?.aborted === true) throw signal.reason;
    if (error instanceof StoreRefusal && error.code === 'NoSuchKey') return undefined;
    const finding = { about: `velero/${file.backup}`, ...storeProblem(error, url) };
    throw new RefusedError(`the files of backup ${file.backup} can't be read; nothing was changed`, [finding]);
  }
}

/**
 * Good for ten minutes, and a credential for that time.
 * @throws RefusedError when Velero doesn't answer
 */
async function signedAddress(
  cluster: Cluster,
  { namespace, backup, kind }: BackupFile,
  signal?: AbortSignal,
): Promise<string> {
  const name = `pvsnap-${randomUUID()}`;
  const scope = { namespace, fieldSelector: `metadata.name=${name}` };
  const watch = await openWatch(cluster, downloadRequests, scope);
  try {
    await cluster.create(downloadRequests, {
      apiVersion: 'velero.io/v1',
      kind: 'DownloadRequest',
      metadata: { name, namespace },
      spec: { target: { kind, name: backup } },
    });
    const patience = AbortSignal.timeout(answerMs);
    const ends = signal === undefined ? patience : AbortSignal.any([patience, signal]);
    return await watch
      .until((objects) => objects.get(name)?.status?.downloadURL ?? undefined, ends)
      .catch((error: unknown) => {
        throw patience.aborted && signal?.aborted !== true ? silent(namespace, backup) : error;
      });
  } finally {
    watch.close();
    // Velero would delete it too, after ten minutes. A user who may not leaves it to that.
    await cluster.delete(downloadRequests, { name, namespace }, {}).catch((error: unknown) => {
      if (!isClusterError(error, 'NotFound') && !isClusterError(error, 'Forbidden')) throw error;
    });
  }
}

function silent(namespace: string, backup: string): RefusedError {
  return new RefusedError(`the files of backup ${backup} can't be read; nothing was changed`, [
    {
      about: 'Velero',
      problem: `has not answered a DownloadRequest in namespace ${namespace} within ${answerMs / 1000} s`,
      remedy: 'see what is wrong with it: kubectl pvsnap doctor velero',
    },
  ]);
}
