/** After a failure in the middle: what is where, read from the cluster, and the two ways on. */
import type { Claim, Volume } from '../../cluster/objects.ts';
import { claims, volumes } from '../../cluster/resources.ts';
import { reasonOf } from '../../errors.ts';
import type { RunContext } from './context.ts';
import { operationMark, roleLabel } from '../marks.ts';
import type { Plan, PlanMember, StepName } from '../plan.ts';
import { isReplacing, isUnchanged, manifestToCome, parkedBy } from '../plan.ts';
import { ownerName } from '../../workloads/hold.ts';
import { displayName } from '../../workloads/kinds.ts';
import { stagedVolume } from '../volumes.ts';
import { replacedWhereabouts } from './whereabouts-replaced.ts';

/** Lines for a person. Never throws: when the cluster can't be asked, says what the plan knows and how to ask. */
export async function whereabouts(context: RunContext, step: StepName): Promise<string> {
  const { plan } = context;
  const ways = [`${resumeCommand(plan)}    to go on`, `${undoCommand(plan)}      to go back`];
  if (isReplacing(plan))
    return [...(await replacedWhereabouts({ ...context, plan }, step)), state(plan, step), ...ways].join('\n');
  if (plan.members.length === 0)
    return ['No claim was deleted: each has its data.', state(plan, step), ...ways].join('\n');
  if (step === 'settle') {
    const done = 'Every claim has its volume and the workload runs. Only the last step is open: reclaim policies.';
    return [done, ...ways].join('\n');
  }
  if (step === 'tidy') {
    const done =
      'Every claim has its volume and the workload runs. Only what stood for the snapshots on storage is left.';
    return [done, ...ways].join('\n');
  }
  return [...(await places(context)), state(plan, step), ...ways].join('\n');
}

export function resumeCommand({ operation, namespace }: Plan): string {
  return `  kubectl pvsnap resume ${operation} -n ${namespace}`;
}

export function undoCommand({ operation, namespace }: Plan): string {
  return `  kubectl pvsnap undo ${operation} -n ${namespace}`;
}

function state({ workloads, owners = [] }: Plan, step: StepName): string {
  const names = [...owners.map(ownerName), ...workloads.map(displayName)].join(', ');
  if (names === '') return 'No workload was stopped.';
  return step === 'start'
    ? `Its claims are complete, and ${names} is starting or waits to.`
    : `${names}: stopped, or on its way.`;
}

async function places({ cluster, plan }: RunContext): Promise<string[]> {
  const labelSelector = `${operationMark}=${plan.operation}`;
  try {
    const [present, kept] = await Promise.all([
      cluster.list(claims, { namespace: plan.namespace }),
      cluster.list(volumes, { labelSelector }),
    ]);
    const claimOf = new Map(present.map((claim) => [claim.metadata.name, claim]));
    const volumeOf = new Map(kept.map((volume) => [volume.metadata.name, volume]));
    const places = plan.members.map((member) => whereIs(plan, member, claimOf.get(member.claim), volumeOf));
    return [keptText(plan, kept), ...places.map((line) => `  ${line}`)];
  } catch (error) {
    return [
      `The cluster can't be asked what is where now (${reasonOf(error)}). Once it can:`,
      `  kubectl get pv -l ${operationMark}=${plan.operation} -L ${roleLabel}`,
    ];
  }
}

/** As the cluster has it at this moment. */
function keptText(plan: Plan, kept: readonly Volume[]): string {
  const isSafe = (name: string): boolean =>
    kept.some(({ metadata, spec }) => metadata.name === name && spec?.persistentVolumeReclaimPolicy === 'Retain');
  const unsafe = plan.members.flatMap(parkedBy).filter(({ volume }) => !isSafe(volume));
  if (unsafe.length === 0) return 'Nothing is lost: every volume, the old ones and the new ones, is kept (Retain).';
  return `Look at these volumes first, they are not kept as they were: ${unsafe.map(({ volume }) => volume).join(', ')}`;
}

function whereIs(
  plan: Plan,
  member: PlanMember,
  claim: Claim | undefined,
  volumeOf: ReadonlyMap<string, Volume>,
): string {
  const { claim: name, now } = member;
  const former = now === undefined ? 'it had none' : now.volume;
  const coming = stagedVolume(volumeOf, plan, name)?.metadata.name ?? 'not there';
  const both = `former data: ${former}; ${plan.kind === 'restore' ? 'restored' : 'returning'} data: ${coming}`;
  if (isUnchanged(member)) return `${name}: has its data, and keeps it`;
  if (manifestToCome(member) === undefined) {
    return `${name}: ${claim === undefined ? 'taken away' : 'not yet taken away'}; its data: ${former}`;
  }
  if (claim === undefined) return `${name}: no claim of that name now; ${both}`;
  if (claim.metadata.deletionTimestamp !== undefined) {
    const holders = claim.metadata.finalizers?.join(', ') ?? 'nothing';
    return `${name}: is being deleted (held by ${holders}); ${both}`;
  }
  const isBound = claim.status?.phase === 'Bound';
  const bound = claim.spec?.volumeName;
  const isSwapped = claim.metadata.annotations?.[operationMark] === plan.operation;
  if (isSwapped) return `${name}: swapped${isBound ? '' : ', not yet bound'}; ${both}`;
  if (bound === now?.volume) return `${name}: not swapped, has its former data; ${both}`;
  return `${name}: is bound to ${bound ?? 'nothing'}, which isn't ours; ${both}`;
}
