/** Runs a plan from its first step to its last. */
import { isDeepStrictEqual } from 'node:util';
import type { Cluster } from '../../cluster/cluster.ts';
import { CancelledError, FailedError, RefusedError, reasonOf } from '../../errors.ts';
import type { Progress, RunContext } from './context.ts';
import { withContext } from './context.ts';
import { guarded } from './guarded.ts';
import { acquireLock } from './lock.ts';
import type { Plan, StepName } from '../plan.ts';
import { isAsNew, isReplacing } from '../plan.ts';
import { markUndone } from '../records.ts';
import { forgetUndone, removeUndone } from '../undone.ts';
import { beforeAnythingStops, stepsFrom } from '../steps-from.ts';
import { recheck } from './recheck.ts';
import type { OperationRecord } from './record.ts';
import { openRecord } from './record.ts';
import { importSnapshots } from './steps/import.ts';
import { replace } from './steps/replace.ts';
import { retain } from './steps/retain.ts';
import { secure } from './steps/secure.ts';
import { settle } from './steps/settle.ts';
import { stage } from './steps/stage.ts';
import { start } from './steps/start.ts';
import { stop } from './steps/stop.ts';
import { swap } from './steps/swap.ts';
import { noteStopped } from './still-stopped.ts';
import { tidy } from './tidy.ts';
import { unstage } from './unstage.ts';
import { resumeCommand, undoCommand, whereabouts } from './whereabouts.ts';

export interface RunOptions {
  /** Aborted when the user wants to stop: the run ends at the edge of a step. */
  cancelled: AbortSignal;
  /** How long each wait may take. */
  timeoutMs: number;
  onProgress: (progress: Progress) => void;
  onStepDone: (step: StepName, elapsedMs: number) => void;
  /** The step that an earlier run of this plan ended in; absent for the first run. */
  resumedIn?: StepName;
  /** What the plan says of snapshots on storage has been found to be so: objects may be made of them. */
  mayImport?: boolean;
  /** Asked once nobody else can begin anything: throws when the plan is no longer the right one. */
  checkAgain?: () => Promise<void>;
}

export interface Outcome {
  /** From the first scale to 0 until everything is ready again; absent when nothing had to be stopped. */
  downtimeMs?: number;
  /** What stays stopped, a line each: another operation holds it, or it was so before. */
  left?: string[];
}

/** Steps that may be left while they wait; the others are short, and are always finished. */
const interruptible = new Set<StepName>(['import', 'stage', 'stop', 'secure', 'start', 'tidy']);
/** The steps during which the workload doesn't run. */
const down = new Set<StepName>(['stop', 'secure', 'swap', 'replace', 'start']);

/**
 * @throws FailedError or CancelledError; the message says what was taken back, or where every byte is
 */
export async function runPlan(free: Cluster, plan: Plan, options: RunOptions): Promise<Outcome> {
  const onWait = (detail: string): void => {
    options.onProgress({ step: plan.steps[0] ?? 'stage', done: 0, total: plan.members.length, detail });
  };
  // New claims beside the present ones are in nobody's way.
  const taking = { ...plan, after: plan.undoes === undefined ? [plan.operation] : [plan.operation, plan.undoes] };
  const lock = isAsNew(plan) ? undefined : await acquireLock(free, taking, options.cancelled, onWait);
  const cluster = guarded(free, lock);
  try {
    await options.checkAgain?.();
    const record = await openRecord(cluster, plan, options.resumedIn !== undefined);
    if (options.resumedIn !== undefined) await record.replacePlan(plan);
    const waits = new Map<StepName, string>();
    const report = (progress: Progress): void => {
      waits.set(progress.step, progress.detail ?? '');
      options.onProgress(progress);
    };
    return await withContext(cluster, plan, report, (context) =>
      runSteps(context, record, { ...options, lost: lock?.lost, waits }),
    );
  } finally {
    await lock?.release();
  }
}

interface Running extends RunOptions {
  lost: AbortSignal | undefined;
  /** What each step waited for last, in the cluster's words. */
  waits: ReadonlyMap<StepName, string>;
}

async function runSteps(context: RunContext, record: OperationRecord, options: Running): Promise<Outcome> {
  const { resumedIn } = options;
  const stepMs = new Map<StepName, number>();
  let current = context;
  const { cluster, plan } = context;
  // Never false again once true: after the first such step has begun, nothing may be taken back by itself.
  let isTouched = resumedIn !== undefined && !beforeAnythingStops.has(resumedIn);
  const fail = async (step: StepName, error: unknown): Promise<Error> => {
    const end = describeEnd(error, step, options.waits.get(step));
    if (options.lost?.aborted === true) return new FailedError(leaseLost(context.plan, end), { cause: error });
    const finish = isTouched ? stopped : tookBack;
    return sameKind(error, await finish(current, record, step, end));
  };
  const steps = stepsFrom(context.plan, resumedIn);
  // Whoever finds the record of what is undone is told so first. (A swap's undo says so when it takes the volumes over.)
  if (plan.undoes !== undefined && (plan.kind === 'restore' || plan.discards !== undefined)) {
    await markUndone(cluster, plan.namespace, plan.undoes, plan.operation).catch(async (error: unknown) => {
      throw await fail(steps[0] ?? 'settle', error);
    });
  }
  for (const step of steps) {
    const startedAtMs = performance.now();
    try {
      options.cancelled.throwIfAborted();
      if (step === 'stop') current = await lookAgain(current, record, isTouched);
      if (!isTouched || !beforeAnythingStops.has(step)) await record.enter(step);
      isTouched ||= !beforeAnythingStops.has(step);
      if (step === 'secure') current = await noteGenerations(current, record);
      await runStep(step, current, signalFor(step, options), options);
    } catch (error) {
      throw await fail(step, error);
    }
    stepMs.set(step, performance.now() - startedAtMs);
    options.onStepDone(step, stepMs.get(step) ?? 0);
  }
  await endRecord(current, record);
  const left = current.left.length > 0 ? { left: current.left } : {};
  if (current.plan.workloads.length === 0 || !stepMs.has('stop')) return left;
  const downtimeMs = [...stepMs].reduce((sum, [step, ms]) => sum + (down.has(step) ? ms : 0), 0);
  return resumedIn === undefined || !isTouched ? { downtimeMs, ...left } : left;
}

function runStep(
  step: StepName,
  context: RunContext,
  signal: AbortSignal,
  { cancelled, resumedIn, mayImport = resumedIn === undefined }: Running,
): Promise<void> {
  const { plan } = context;
  switch (step) {
    case 'import':
      return plan.kind === 'restore' ? importSnapshots({ ...context, plan }, mayImport, signal) : Promise.resolve();
    case 'stage':
      return plan.kind === 'restore' ? stage({ ...context, plan }, signal) : Promise.resolve();
    case 'retain':
      return retain(context, signal);
    case 'stop':
      return stop(context, signal);
    case 'secure':
      return plan.kind === 'restore' ? secure({ ...context, plan }, signal) : Promise.resolve();
    case 'swap':
      return swap(context, signal);
    case 'replace':
      return plan.kind === 'restore' ? replace({ ...context, plan }, signal, cancelled) : Promise.resolve();
    case 'start':
      return start(context, signal);
    case 'settle':
      return settle(context, signal);
    case 'tidy':
      return tidy(context.cluster, plan, signal);
  }
}

async function lookAgain(context: RunContext, record: OperationRecord, isTouched: boolean): Promise<RunContext> {
  const isStopping = isTouched || context.plan.undoes !== undefined;
  const plan = await recheck(context.cluster, context.plan, isStopping);
  if (!isDeepStrictEqual(plan, context.plan)) await record.replacePlan(plan);
  return { ...context, plan };
}

/** To be able to tell, after a crash too, whether a workload has run since the safety set was taken. */
async function noteGenerations(context: RunContext, record: OperationRecord): Promise<RunContext> {
  if (context.plan.kind !== 'restore') return context;
  const plan = await noteStopped({ ...context, plan: context.plan });
  if (!isDeepStrictEqual(plan, context.plan)) await record.replacePlan(plan);
  return { ...context, plan };
}

function signalFor(step: StepName, { lost, cancelled, timeoutMs }: Running): AbortSignal {
  const ends = [AbortSignal.timeout(timeoutMs), ...(lost === undefined ? [] : [lost])];
  return AbortSignal.any(interruptible.has(step) ? [...ends, cancelled] : ends);
}

/** Another run may have gone on with it: nothing is written any more, and nothing is known for sure. */
function leaseLost({ operation, namespace }: Plan, end: string): string {
  return (
    `${end}. This run has stopped where it was, and has written nothing since. See how far the operation is:\n` +
    `  kubectl pvsnap get operations ${operation} -n ${namespace}`
  );
}

/** Of claims made beside the present ones nothing has to be known later. */
async function endRecord({ cluster, plan }: RunContext, record: OperationRecord): Promise<void> {
  try {
    // What the undone one kept is this operation's now: nothing is left that its record could tell of.
    if (plan.undoes !== undefined) {
      const end = plan.kind === 'undo' && plan.discards !== undefined ? forgetUndone : removeUndone;
      await end(cluster, plan.namespace, plan.undoes);
    }
    await (isAsNew(plan) || plan.members.length === 0 ? record.remove() : record.complete());
  } catch (error) {
    const ways = `${resumeCommand(plan)}    to end it\n${undoCommand(plan)}      to go back`;
    throw new FailedError(`All is done, but its record could not be ended (${reasonOf(error)}):\n${ways}`);
  }
}

/** Nothing of today's has been touched: what was made is removed, and it is as if nothing had been asked. */
async function tookBack(
  { cluster, plan }: RunContext,
  record: OperationRecord,
  _step: StepName,
  end: string,
): Promise<string> {
  try {
    const kept = await unstage(cluster, plan);
    await record.remove();
    const left =
      kept.length === 0 ? '' : `. The copies on these volumes are kept by their reclaim policy: ${kept.join(', ')}`;
    const back =
      plan.kind === 'restore' && !isReplacing(plan) ? 'What was staged has been removed' : 'It has been taken back';
    return `${end}. ${back}; nothing else was touched${left}`;
  } catch (failure) {
    const why = `what was begun could not be taken back (${reasonOf(failure)})`;
    return `${end}. The workload and its claims were not touched, but ${why}:\n${undoCommand(plan)}`;
  }
}

/** The data is where it is: nothing is tidied up, and the message says what is where. */
async function stopped(context: RunContext, record: OperationRecord, step: StepName, end: string): Promise<string> {
  // The cluster may be out of reach, which may be the very reason: the message matters more than the record.
  await record.fail(`${step}: ${end}`).catch(() => undefined);
  return `${end}\n\n${await whereabouts(context, step)}`;
}

function describeEnd(error: unknown, step: StepName, wait = ''): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return `the deadline (--timeout) passed in step ${step}${wait === '' ? '' : `, waiting for: ${wait}`}`;
  }
  if (error instanceof CancelledError) return `stopped in step ${step}`;
  return reasonOf(error);
}

function sameKind(error: unknown, message: string): Error {
  if (error instanceof CancelledError) return new CancelledError(message);
  if (error instanceof RefusedError) return new RefusedError(message, error.findings);
  return new FailedError(message, { cause: error });
}
