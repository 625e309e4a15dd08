/** Which Velero is meant. */
import type { Cluster } from '../cluster/cluster.ts';
import { RefusedError } from '../errors.ts';
import { findVeleros } from './find.ts';

/** @throws RefusedError when there is none, or there are several and none was named */
export async function veleroHome(cluster: Cluster, named: string | undefined): Promise<string> {
  if (named !== undefined) return named;
  const [first, ...others] = await findVeleros(cluster);
  if (first === undefined) {
    throw new RefusedError(
      'there is no Velero that you can see (no BackupStorageLocation); name its namespace with --velero-namespace',
    );
  }
  if (others.length === 0) return first;
  throw new RefusedError(
    `there are several Veleros (${[first, ...others].join(', ')}): name one with --velero-namespace`,
  );
}
