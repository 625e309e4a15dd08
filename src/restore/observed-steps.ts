/** Which steps of an operation are done, as the cluster shows it now; what its record says of them isn't asked. Pure. */
import type { Claim, StatefulSet } from '../cluster/objects.ts';
import type { ScalableObject, WorkloadObject } from '../workloads/kinds.ts';
import { displayName } from '../workloads/kinds.ts';
import { isRolledOut, podsAskedFor } from '../workloads/rolled-out.ts';
import { operationMark } from './marks.ts';
import type { Operation } from './operations.ts';
import type { Plan, PlanMember, PlanWorkload, StepName } from './plan.ts';
import { isAsNew, isUnchanged, manifestToCome, parkedBy } from './plan.ts';
import { isKept } from './volumes.ts';

export interface Around {
  /** By name; undefined when the user may not list them. */
  claims: ReadonlyMap<string, Claim> | undefined;
  /** By `kind/name`; undefined when the user may not read them. */
  workloads: ReadonlyMap<string, WorkloadObject> | undefined;
}

export interface ObservedStep {
  step: StepName;
  /** undefined: what tells of it can't be read. */
  isDone: boolean | undefined;
  /** What was seen, such as `2 of 2 claims are swapped`. */
  seen: string;
}

export function observedSteps(operation: Operation, plan: Plan, around: Around): ObservedStep[] {
  return plan.steps.map((step) => ({ step, ...observe(step, operation, plan, around) }));
}

type Seen = Omit<ObservedStep, 'step'>;

const unknown = (what: string): Seen => ({ isDone: undefined, seen: `${what} can't be listed by you` });

function observe(step: StepName, operation: Operation, plan: Plan, around: Around): Seen {
  switch (step) {
    case 'import':
      return staged(operation, plan, around);
    case 'stage':
      return staged(operation, plan, around);
    case 'retain':
      return retained(operation, plan);
    case 'stop':
      return stopped(plan, around);
    case 'secure':
      return secured(plan, around);
    case 'swap':
    case 'replace':
      return swapped(plan, around);
    case 'start':
      return started(plan, around);
    case 'settle':
      return settled(operation, plan, around);
    case 'tidy':
      return { isDone: undefined, seen: `see: kubectl get vsc -l ${operationMark}=${operation.name}` };
  }
}

function staged({ volumes }: Operation, plan: Plan, { claims }: Around): Seen {
  if (claims === undefined) return unknown('claims');
  const isThere = (member: PlanMember): boolean =>
    isSwapped(member, plan, claims) ||
    ('staging' in member && claims.get(member.staging)?.status?.phase === 'Bound') ||
    (volumes ?? []).some(({ role, manifest }) => role === 'staged' && manifest.metadata.name === member.claim);
  return counted(plan.members.filter(isThere).length, plan.members.length, 'volume', 'provisioned');
}

function retained({ volumes, name }: Operation, { members }: Plan): Seen {
  if (volumes === undefined) return unknown('volumes');
  const former = members.flatMap(parkedBy);
  const kept = volumes.filter(({ volume }) => isKept(volume, name, 'parked')).map(({ volume }) => volume.metadata.name);
  return counted(former.filter(({ volume }) => kept.includes(volume)).length, former.length, 'former volume', 'kept');
}

/** Where every claim is swapped, it was stopped, and may run again. */
function stopped(plan: Plan, around: Around): Seen {
  const { isDone: isSwapDone } = swapped(plan, around);
  if (isSwapDone === true) return { isDone: true, seen: 'every claim is swapped' };
  return ofWorkloads(
    plan,
    around,
    (object) => podsAskedFor(object) === 0 && ((object as ScalableObject).status?.replicas ?? 0) === 0,
  );
}

/** The safety set is a set as any other, and is shown as one. */
function secured(plan: Plan, around: Around): Seen {
  if (swapped(plan, around).isDone === true) return { isDone: true, seen: 'every claim is replaced' };
  const name = plan.kind === 'restore' ? (plan.safetySet ?? '') : '';
  return { isDone: undefined, seen: `see: kubectl pvsnap get sets ${name} -n ${plan.namespace}` };
}

function swapped(plan: Plan, { claims }: Around): Seen {
  if (claims === undefined) return unknown('claims');
  return counted(
    plan.members.filter((member) => isSwapped(member, plan, claims)).length,
    plan.members.length,
    'claim',
    'swapped',
  );
}

function started(plan: Plan, around: Around): Seen {
  const seen = ofWorkloads(
    plan,
    around,
    (object, { replicas }) => replicas === 0 || (podsAskedFor(object) !== 0 && isRolledOut(object)),
  );
  return { ...seen, isDone: swapped(plan, around).isDone === false ? false : seen.isDone };
}

/** Volumes in use carry no marks any more. */
function settled({ volumes }: Operation, plan: Plan, around: Around): Seen {
  if (volumes === undefined) return unknown('volumes');
  const marked = volumes.filter(({ role }) => role === 'staged').length;
  const seen = marked === 0 ? 'no volume is marked as staged' : `${marked} volumes are still marked as staged`;
  return { isDone: marked === 0 && swapped(plan, around).isDone === true, seen };
}

function isSwapped(member: PlanMember, plan: Plan, claims: ReadonlyMap<string, Claim>): boolean {
  const claim = claims.get(member.claim);
  if (isAsNew(plan)) return false;
  if (manifestToCome(member) === undefined) return claim === undefined;
  const isIts = isUnchanged(member) || claim?.metadata.annotations?.[operationMark] === plan.operation;
  return isIts && claim?.status?.phase === 'Bound' && claim.metadata.deletionTimestamp === undefined;
}

function ofWorkloads(
  { workloads: all }: Plan,
  { workloads: found }: Around,
  isSo: (object: WorkloadObject, workload: PlanWorkload) => boolean,
): Seen {
  if (all.length === 0) return { isDone: true, seen: 'no workload uses the claims' };
  if (found === undefined) return unknown('workloads');
  const objects = all.map((workload) => ({ workload, object: found.get(displayName(workload)) }));
  return {
    isDone: objects.every(({ workload, object }) => object !== undefined && isSo(object, workload)),
    seen: objects.map(({ workload, object }) => replicasText(workload, object)).join(', '),
  };
}

function replicasText(workload: PlanWorkload, object: WorkloadObject | undefined): string {
  const name = displayName(workload);
  if (object === undefined) return `${name}: not found`;
  const asked = podsAskedFor(object);
  if (asked < 0) return `${name}: runs`;
  const { readyReplicas = 0 } = (object as StatefulSet).status ?? {};
  return `${name}: ${asked} replicas, ${workload.replicas} wanted, ${readyReplicas} ready`;
}

function counted(done: number, all: number, what: string, how: string): Seen {
  return { isDone: done === all, seen: `${done} of ${all} ${what}s are ${how}` };
}
