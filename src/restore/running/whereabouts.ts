/** After a failure in the middle: what is where, read from the cluster, and what to do by hand. */
import type { Claim, Volume } from '../../cluster/objects.ts';
import { claims, volumes } from '../../cluster/resources.ts';
import { reasonOf } from '../../errors.ts';
import { displayName } from '../../workloads/kinds.ts';
import type { RunContext } from './context.ts';
import { operationMark, roleLabel } from '../marks.ts';
import type { Plan, PlanMember } from '../plan.ts';
import { stagedVolume } from '../volumes.ts';

/** Lines for a person. Never throws: when the cluster can't be asked, says what the plan knows and how to ask. */
export async function whereabouts({ cluster, plan }: RunContext): Promise<string> {
  const labelSelector = `${operationMark}=${plan.operation}`;
  try {
    const [present, kept] = await Promise.all([
      cluster.list(claims, { namespace: plan.namespace }),
      cluster.list(volumes, { labelSelector }),
    ]);
    const claimOf = new Map(present.map((claim) => [claim.metadata.name, claim]));
    const volumeOf = new Map(kept.map((volume) => [volume.metadata.name, volume]));
    const places = plan.members.map((member) => whereIs(plan, member, claimOf.get(member.claim), volumeOf));
    return text(
      plan,
      places.map(({ line }) => line),
      places.every(({ isUsable }) => isUsable),
    );
  } catch (error) {
    return text(plan, [`The cluster can't be asked what is where now (${reasonOf(error)}).`], false);
  }
}

function text(plan: Plan, members: readonly string[], isUsable: boolean): string {
  const ns = `-n ${plan.namespace}`;
  const scaled = plan.workloads.map(
    (workload) => `  kubectl scale ${displayName(workload)} ${ns} --replicas=${workload.replicas}`,
  );
  const start = isUsable
    ? 'Every claim has its volume. To start the workload on them as they are:'
    : 'Start the workload only when every claim is bound to its volume again, or it makes empty ones:';
  return [
    'Nothing is lost: every volume, the old ones and the restored ones, is kept (Retain).',
    ...members.map((line) => `  ${line}`),
    'See the volumes and the plan:',
    `  kubectl get pv -l ${operationMark}=${plan.operation} -L ${roleLabel}`,
    `  kubectl get configmap pvsnap-${plan.operation} ${ns} -o yaml`,
    ...(scaled.length > 0 ? [start, ...scaled] : []),
  ].join('\n');
}

interface Place {
  line: string;
  /** A pod that starts now finds one of our two volumes. */
  isUsable: boolean;
}

function whereIs(
  { operation }: Plan,
  { claim: name, now }: PlanMember,
  claim: Claim | undefined,
  volumeOf: ReadonlyMap<string, Volume>,
): Place {
  const bound = claim?.spec?.volumeName;
  const isSwapped = claim?.metadata.annotations?.[operationMark] === operation;
  const restored = isSwapped ? (bound ?? '') : (stagedVolume(volumeOf, name)?.metadata.name ?? 'not there');
  const former = now === undefined ? 'it had none' : now.volume;
  const both = `former data: ${former}; restored data: ${restored}`;
  if (claim === undefined) return { line: `${name}: no claim of that name now; ${both}`, isUsable: false };
  if (claim.metadata.deletionTimestamp !== undefined) {
    const holders = claim.metadata.finalizers?.join(', ') ?? 'nothing';
    return { line: `${name}: is being deleted (held by ${holders}); ${both}`, isUsable: false };
  }
  const isBound = claim.status?.phase === 'Bound';
  if (isSwapped) return { line: `${name}: swapped${isBound ? '' : ', not yet bound'}; ${both}`, isUsable: isBound };
  if (bound === now?.volume) return { line: `${name}: not swapped, has its former data; ${both}`, isUsable: isBound };
  return { line: `${name}: is bound to ${bound ?? 'nothing'}, which isn't ours; ${both}`, isUsable: false };
}
