/** Lists to choose from, when a verb was given nothing on a terminal. */
import type { Cluster } from '../cluster/cluster.ts';
import { readableBytes } from '../cluster/quantity.ts';
import { claims, deployments, pods, statefulSets } from '../cluster/resources.ts';
import { CancelledError, RefusedError } from '../errors.ts';
import { problemOf, stateOf } from '../sets/member.ts';
import type { SnapshotSet } from '../sets/set.ts';
import { isComplete, readyCount, sizeBytes, skewOf } from '../sets/set.ts';
import { age, seconds } from '../terminal/age.ts';
import { pick } from '../terminal/prompt.ts';
import { claimNamesOf } from '../workloads/claims-of.ts';
import { displayName, workloadOf } from '../workloads/kinds.ts';
import { readAllSets } from '../velero/sets.ts';
import type { Target } from '../workloads/targets.ts';

const nothingChosen = 'nothing was chosen, and nothing was changed';

/** @throws CancelledError when the user leaves the list; RefusedError when there is nothing to choose from */
export async function pickWorkload(cluster: Cluster): Promise<Target> {
  const { namespace } = cluster;
  const [allClaims, allPods, sets, others] = await Promise.all([
    cluster.list(claims, { namespace }),
    cluster.list(pods, { namespace }),
    cluster.list(statefulSets, { namespace }),
    cluster.list(deployments, { namespace }),
  ]);
  const workloads = [
    ...sets.map((object) => workloadOf('statefulset', object)),
    ...others.map((object) => workloadOf('deployment', object)),
  ];
  const choices = workloads.flatMap((workload) => {
    const names = claimNamesOf(workload, allClaims, allPods);
    if (names.length === 0) return [];
    const { kind, name } = workload;
    const value: Target = { type: 'workload', kind, name };
    return [{ value, cells: [displayName(workload), `${names.length} claims`, names.join(' ')] }];
  });
  if (choices.length === 0) {
    throw new RefusedError(`no StatefulSet or Deployment in namespace ${namespace} has claims; name them: pvc/NAME`);
  }
  return (await pick('Snapshot which workload?', choices)) ?? leave();
}

/** Newest first. A set that can't be restored as a whole stands in the list with its reason. */
export async function pickSet(cluster: Cluster): Promise<string> {
  const { namespace } = cluster;
  const sets = await readAllSets(cluster, { namespace });
  if (sets.length === 0) {
    throw new RefusedError(
      `there is no set in namespace ${namespace}; take one first: kubectl pvsnap create TYPE/NAME`,
    );
  }
  const choices = sets.map((set) => ({ value: set.name, cells: cellsOf(set) }));
  return (await pick('Restore which set?', choices)) ?? leave();
}

function cellsOf(set: SnapshotSet): string[] {
  const all = Math.max(set.expected, set.members.length);
  return [
    set.name,
    `${age(Date.now() - set.createdAtMs)} ago`,
    `${readyCount(set)}/${all} volumes`,
    set.backup === undefined ? readableBytes(sizeBytes(set)) : '',
    isComplete(set) ? skewText(set) : incompleteness(set),
    set.target,
  ];
}

function skewText(set: SnapshotSet): string {
  const skew = skewOf(set.members);
  return skew?.exact === true ? `skew ${seconds(skew.ms)}` : '';
}

function incompleteness(set: SnapshotSet): string {
  if (set.backup !== undefined) return set.expected === 0 ? 'holds no snapshot' : `incomplete: ${set.backup.phase}`;
  const unready = set.members.find((member) => stateOf(member) !== 'ready');
  if (unready === undefined) return 'incomplete: snapshots are gone';
  return `incomplete: ${unready.claim} ${problemOf(unready) === undefined ? 'not ready' : 'failed'}`;
}

function leave(): never {
  throw new CancelledError(nothingChosen);
}
