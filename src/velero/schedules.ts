/** Schedules of Velero's, by name. */
import type { Cluster } from '../cluster/cluster.ts';
import { RefusedError } from '../errors.ts';
import { veleroHome } from './home.ts';
import type { Schedule } from './resources.ts';
import { schedules } from './resources.ts';

/** @throws RefusedError when there is none of that name */
export async function findSchedule(
  cluster: Cluster,
  name: string,
  veleroNamespace: string | undefined,
): Promise<Schedule> {
  const home = await veleroHome(cluster, veleroNamespace);
  const found = await cluster.find(schedules, name, home);
  if (found !== undefined) return found;
  throw new RefusedError(
    `there is no schedule "${name}" of Velero in namespace ${home}; see: kubectl pvsnap get schedules -n ${home}`,
  );
}

/** A paused one makes no backups; those that it has made stay. */
export function pauseSchedule(
  cluster: Cluster,
  { metadata: { name, namespace } }: Schedule,
  paused: boolean,
  dryRun: boolean,
): Promise<Schedule> {
  return cluster.patch(schedules, { name, namespace }, { spec: { paused } }, { dryRun });
}
