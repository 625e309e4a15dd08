/** Makes a backup, waits until Velero has ended it, and looks at what it really holds. */
import { randomUUID } from 'node:crypto';
import { ifAllowed } from '../cluster/access.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { createOnce } from '../cluster/create-once.ts';
import type { Snapshot } from '../cluster/objects.ts';
import { snapshots } from '../cluster/resources.ts';
import { openWatch } from '../cluster/watch.ts';
import { FailedError } from '../errors.ts';
import type { Backup } from './resources.ts';
import { backupLabel, backups } from './resources.ts';

/** Annotation: which run of the program has made it, so that a lost answer is not taken for somebody else's backup. */
const requestAnnotation = 'pvsnap.io/request';
const endPhases = new Set(['Completed', 'PartiallyFailed', 'Failed', 'FailedValidation']);

export interface Following {
  /** Ends the wait: the backup goes on. */
  signal: AbortSignal;
  /** Of its phase and the snapshots that it has in the cluster by now. */
  onChange: (phase: string, taken: readonly Snapshot[]) => void;
}

/** @returns the backup once it is made. @throws ClusterError AlreadyExists for a name that is taken */
export function makeBackup(cluster: Cluster, backup: Backup): Promise<Backup> {
  const request = randomUUID();
  const annotations = { ...backup.metadata.annotations, [requestAnnotation]: request };
  const object = { ...backup, metadata: { ...backup.metadata, annotations } };
  return createOnce(cluster, backups, object, ({ metadata }) => metadata.annotations?.[requestAnnotation] === request);
}

/**
 * @param claimNamespaces undefined: all
 * @returns it as it has ended
 * @throws the signal's reason; FailedError when somebody has deleted it
 */
export async function untilEnded(
  cluster: Cluster,
  { metadata: { name, namespace = '' } }: Backup,
  claimNamespaces: readonly string[] | undefined,
  { signal, onChange }: Following,
): Promise<Backup> {
  const fieldSelector = `metadata.name=${name}`;
  const watch = await openWatch(cluster, backups, { namespace, fieldSelector });
  const labelSelector = `${backupLabel}=${name}`;
  const taken = await Promise.all(
    // Only for progress: a user who may not list them goes without.
    (claimNamespaces ?? [undefined]).map((one) =>
      ifAllowed(openWatch(cluster, snapshots, { namespace: one, labelSelector })),
    ),
  );
  const tell = (): void => {
    const objects = taken.flatMap((one) => [...(one?.objects.values() ?? [])]);
    onChange(watch.objects.get(name)?.status?.phase ?? 'New', objects);
  };
  const ended = new AbortController();
  const ends = AbortSignal.any([signal, ended.signal]);
  // They are there only until Velero has what it needs of them: what they showed is told as it comes.
  for (const one of taken) {
    one
      ?.until((): undefined => {
        tell();
      }, ends)
      .catch(() => undefined);
  }
  try {
    return await watch.until((objects) => {
      tell();
      const found = objects.get(name);
      if (found === undefined) throw new FailedError(`backup ${name} was deleted before it had ended`);
      return endPhases.has(found.status?.phase ?? '') ? found : undefined;
    }, signal);
  } finally {
    ended.abort();
    watch.close();
    for (const one of taken) one?.close();
  }
}
