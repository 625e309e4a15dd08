/** Runs a plan from its first step to its last. */
import { isDeepStrictEqual } from 'node:util';
import type { Cluster } from '../../cluster/cluster.ts';
import { CancelledError, FailedError, RefusedError, reasonOf } from '../../errors.ts';
import type { Progress, RunContext } from './context.ts';
import { withContext } from './context.ts';
import { acquireLock } from './lock.ts';
import { operationMark, roleLabel } from '../marks.ts';
import type { Plan, StepName } from '../plan.ts';
import { isAsNew } from '../plan.ts';
import { recheck } from './recheck.ts';
import type { OperationRecord } from './record.ts';
import { openRecord } from './record.ts';
import { retain } from './steps/retain.ts';
import { settle } from './steps/settle.ts';
import { stage } from './steps/stage.ts';
import { start } from './steps/start.ts';
import { stop } from './steps/stop.ts';
import { swap } from './steps/swap.ts';
import { unstage } from './unstage.ts';
import { whereabouts } from './whereabouts.ts';

export interface RunOptions {
  /** Aborted when the user wants to stop: the run ends at the edge of a step. */
  cancelled: AbortSignal;
  /** How long each wait may take. */
  timeoutMs: number;
  onProgress: (progress: Progress) => void;
  onStepDone: (step: StepName, elapsedMs: number) => void;
}

export interface Outcome {
  /** From the first scale to 0 until everything is ready again; absent when nothing had to be stopped. */
  downtimeMs?: number;
}

const steps: Record<StepName, (context: RunContext, signal: AbortSignal) => Promise<void>> = {
  stage,
  retain,
  stop,
  swap,
  settle,
  start,
};

/** Steps that may be left while they wait; the others are short, and are always finished. */
const interruptible = new Set<StepName>(['stage', 'stop', 'start']);
/** While the workload runs on, everything can be taken back. */
const takenBack = new Set<StepName>(['stage', 'retain']);
/** The steps during which the workload doesn't run. */
const down = ['stop', 'swap', 'start'] as const;

/** @throws FailedError or CancelledError; the message says what was taken back, or where every byte is */
export async function runPlan(cluster: Cluster, plan: Plan, options: RunOptions): Promise<Outcome> {
  // New claims beside the present ones are in nobody's way.
  const onWait = (detail: string): void => {
    options.onProgress({ step: 'stage', done: 0, total: plan.members.length, detail });
  };
  const lock = isAsNew(plan) ? undefined : await acquireLock(cluster, plan, options.cancelled, onWait);
  try {
    const record = await openRecord(cluster, plan);
    return await withContext(cluster, plan, options.onProgress, (context) =>
      runSteps(context, record, { ...options, lost: lock?.lost }),
    );
  } finally {
    await lock?.release();
  }
}

async function runSteps(
  context: RunContext,
  record: OperationRecord,
  options: RunOptions & { lost: AbortSignal | undefined },
): Promise<Outcome> {
  const stepMs = new Map<StepName, number>();
  let current = context;
  // Never false again once true: after the first such step has begun, nothing may be taken back by itself.
  let isTouched = false;
  for (const step of context.plan.steps) {
    const startedAtMs = performance.now();
    try {
      options.cancelled.throwIfAborted();
      if (step === 'stop') current = await lookAgain(current, record);
      await record.enter(step);
      isTouched ||= !takenBack.has(step);
      await steps[step](current, signalFor(step, options));
    } catch (error) {
      throw await (isTouched ? stopped(current, record, step, error) : tookBack(current, record, step, error));
    }
    stepMs.set(step, performance.now() - startedAtMs);
    options.onStepDone(step, stepMs.get(step) ?? 0);
  }
  // There is nothing to undo or to commit where nothing was parked.
  const { plan } = context;
  if (plan.members.some(({ now }) => now !== undefined) && !isAsNew(plan)) await record.enter('completed');
  else await record.remove();
  if (current.plan.workloads.length === 0) return {};
  return { downtimeMs: down.reduce((sum, step) => sum + (stepMs.get(step) ?? 0), 0) };
}

async function lookAgain(context: RunContext, record: OperationRecord): Promise<RunContext> {
  const plan = await recheck(context.cluster, context.plan);
  if (!isDeepStrictEqual(plan, context.plan)) await record.replacePlan(plan);
  return { ...context, plan };
}

function signalFor(
  step: StepName,
  { lost, cancelled, timeoutMs }: RunOptions & { lost: AbortSignal | undefined },
): AbortSignal {
  const ends = [AbortSignal.timeout(timeoutMs), ...(lost === undefined ? [] : [lost])];
  return AbortSignal.any(interruptible.has(step) ? [...ends, cancelled] : ends);
}

/** Nothing of today's has been touched: what was made is removed, and it is as if nothing had been asked. */
async function tookBack(context: RunContext, record: OperationRecord, step: StepName, error: unknown): Promise<Error> {
  const { cluster, plan } = context;
  const end = describeEnd(error, step);
  try {
    const kept = await unstage(cluster, plan);
    await record.remove();
    const left =
      kept.length === 0 ? '' : `. The copies on these volumes are kept by their reclaim policy: ${kept.join(', ')}`;
    return sameKind(error, `${end}. What was staged has been removed; nothing else was touched${left}`);
  } catch (failure) {
    const remove = `kubectl delete pvc -n ${plan.namespace} -l ${operationMark}=${plan.operation}`;
    const why = `what was staged could not be removed (${reasonOf(failure)}); remove it with: ${remove}`;
    return sameKind(error, `${end}. The workload and its claims were not touched, but ${why}`);
  }
}

/** The data is where it is: nothing is tidied up, and the message says what is where. */
async function stopped(context: RunContext, record: OperationRecord, step: StepName, error: unknown): Promise<Error> {
  const end = describeEnd(error, step);
  // The cluster may be out of reach, which may be the very reason: the message matters more than the record.
  await record.enter('failed', `${step}: ${end}`).catch(() => undefined);
  if (step === 'settle') {
    const kept = `kubectl get pv -l ${operationMark}=${context.plan.operation} -L ${roleLabel}`;
    const left =
      'volumes with the role staged are in use, and still Retain: give them the reclaim policy that they should have';
    return sameKind(
      error,
      `${end}\n\nThe data is restored and the workload runs. Only the last step failed: ${left}:\n  ${kept}`,
    );
  }
  return sameKind(error, `${end}\n\n${await whereabouts(context)}`);
}

function describeEnd(error: unknown, step: StepName): string {
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return `the deadline (--timeout) passed in step ${step}`;
  if (error instanceof CancelledError) return `stopped in step ${step}`;
  return reasonOf(error);
}

function sameKind(error: unknown, message: string): Error {
  if (error instanceof CancelledError) return new CancelledError(message);
  if (error instanceof RefusedError) return new RefusedError(message, error.findings);
  return new FailedError(message, { cause: error });
}
