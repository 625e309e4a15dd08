/** Whether the data of now can be kept by its volumes, or needs a set of snapshots. */
import { missingRights } from '../../cluster/access.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import type { Finding } from '../../errors.ts';
import { prepareSet } from '../../sets/prepare.ts';
import type { Strategy } from '../plan.ts';
import type { RestoreRequest } from '../request.ts';
import type { Chosen } from './make-plan.ts';
import type { Observed } from './observe.ts';
import { rightToKeepVolumes } from './rights.ts';

export interface ChosenStrategy {
  strategy: Strategy;
  /** Why, for a person. */
  reason: string;
}

export async function chooseStrategy(cluster: Cluster, { strategy, asNew }: RestoreRequest): Promise<ChosenStrategy> {
  if (strategy !== undefined) return { strategy, reason: `--strategy ${strategy} was asked for` };
  if (asNew) return { strategy: 'swap', reason: 'new claims replace nothing' };
  const missing = await missingRights(cluster, rightToKeepVolumes());
  return missing.length === 0
    ? { strategy: 'swap', reason: 'you may patch persistentvolumes' }
    : { strategy: 'replace', reason: 'you may not patch persistentvolumes, so the volumes of now can not be kept' };
}

/** What the safety set will be, judged by the server as every set is. */
export async function prepareSafety(
  cluster: Cluster,
  { members }: Observed,
  request: RestoreRequest,
  reason: string,
): Promise<{ chosen: Chosen; findings: Finding[] }> {
  const present = members.flatMap(({ claim }) => (claim === undefined || !hasVolume(claim) ? [] : [claim]));
  const set = `safety-${request.operation}`;
  const { plan, findings } = await prepareSet(cluster, present, {
    name: set,
    namespace: request.namespace,
    target: 'safety',
    className: request.className,
    // Only tried, never made under this name.
    epochSeconds: 0,
  });
  const classOf = new Map(
    plan.snapshots.map(({ spec }) => [spec.source.persistentVolumeClaimName ?? '', spec.volumeSnapshotClassName ?? '']),
  );
  return { chosen: { safety: { set, classOf }, notes: [`Strategy replace: ${reason}.`] }, findings };
}

function hasVolume({ spec }: NonNullable<Observed['members'][number]['claim']>): boolean {
  return (spec?.volumeName ?? '') !== '';
}
