/** Takes the safety set: what the claims hold now, once nothing writes any more. Nothing is deleted before it is whole. */
import type { Cluster } from '../../../cluster/cluster.ts';
import type { Claim, Snapshot } from '../../../cluster/objects.ts';
import { claims } from '../../../cluster/resources.ts';
import { together } from '../../../cluster/together.ts';
import { CancelledError, FailedError, reasonOf } from '../../../errors.ts';
import { isReady, problemOf, stateOf } from '../../../sets/member.ts';
import { snapshotOf } from '../../../sets/snapshot-of.ts';
import type { Taken } from '../../../sets/take.ts';
import { takeSet } from '../../../sets/take.ts';
import type { RunContext } from '../context.ts';
import { discardSet } from '../discard-set.ts';
import type { RestoreMember, RestorePlan } from '../../plan.ts';

type Secured = RestoreMember & { safety: NonNullable<RestoreMember['safety']> };

/** @throws FailedError when one of its snapshots isn't usable: no claim has been deleted then */
export async function secure(context: RunContext<RestorePlan>, signal: AbortSignal): Promise<void> {
  const { cluster, plan, report } = context;
  const { safetySet = '', namespace } = plan;
  const members = plan.members.filter((member): member is Secured => member.safety !== undefined);
  const total = members.length;
  if (total === 0) return;
  const set = {
    name: safetySet,
    namespace,
    target: members.map(({ claim }) => `pvc/${claim}`).join(','),
    members: total,
  };
  const wanted = await together(
    members.map(async (member) => {
      const { snapshot: name, class: className } = member.safety;
      return snapshotOf(await presentClaim(cluster, namespace, member), set, { name, className });
    }),
  );
  // That of an interrupted run: the workload may have written since.
  await discardSet(cluster, namespace, safetySet, signal);
  const ready = new Set<string>();
  report({ step: 'secure', done: 0, total });
  const onMember = (snapshot: Snapshot): void => {
    if (isReady(snapshot)) ready.add(snapshot.metadata.name);
    const problem = problemOf({ claim: '', snapshot, content: undefined });
    const said = problem === undefined ? {} : { detail: `driver: ${problem}` };
    report({ step: 'secure', done: ready.size, total, ...said });
  };
  checkWhole(safetySet, await takeSet(cluster, { ...set, snapshots: wanted }, { signal, wait: true, onMember }), total);
}

/** The very claim that the plan was made for, or its data would not be what the safety set is named for. */
async function presentClaim(cluster: Cluster, namespace: string, { claim: name, now }: Secured): Promise<Claim> {
  const claim = await cluster.find(claims, name, namespace);
  const isPlanned = claim?.metadata.uid === now?.uid && claim?.metadata.deletionTimestamp === undefined;
  if (claim !== undefined && isPlanned && claim.status?.phase === 'Bound') return claim;
  throw new FailedError(`claim ${name} is no longer the one that the plan was made for: nothing was deleted`);
}

function checkWhole(name: string, { set, refused, deleted, ended }: Taken, total: number): void {
  if (ended instanceof CancelledError) throw ended;
  const isWhole = set.members.length === total && set.members.every((member) => stateOf(member) === 'ready');
  if (isWhole && refused.size === 0 && deleted.length === 0 && ended === undefined) return;
  const isLate = ended instanceof DOMException && ended.name === 'TimeoutError';
  const why = [
    ...(isLate ? ['it was not ready before the deadline (--timeout)'] : ended === undefined ? [] : [reasonOf(ended)]),
    ...[...refused].map(([snapshot, words]) => `${snapshot}: ${words}`),
    ...deleted.map((snapshot) => `${snapshot} was deleted by somebody`),
    ...set.members.flatMap((member) => {
      const problem = problemOf(member);
      return problem === undefined ? [] : [`${member.claim}: driver says "${problem}"`];
    }),
  ];
  throw new FailedError(`the safety set ${name} is not whole, so no claim was deleted: ${why.join('; ')}`);
}
