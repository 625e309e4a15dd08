/** How a plan comes along, a line per step, and what is said at its end. */
import { readableBytes } from '../cluster/quantity.ts';
import type { Progress } from '../restore/running/context.ts';
import { count, isOfNow } from '../restore/planning/describe.ts';
import type { Plan, StepName } from '../restore/plan.ts';
import { isAsNew, isReplacing, parkedBy } from '../restore/plan.ts';
import type { Outcome } from '../restore/running/run.ts';
import { seconds } from '../terminal/age.ts';
import type { Output } from '../terminal/output.ts';
import { openProgress } from '../terminal/progress.ts';

export interface PlanProgress {
  onProgress: (progress: Progress) => void;
  onStepDone: (step: StepName, elapsedMs: number) => void;
  close: () => void;
}

/** What a step is called while it runs, and once it is done. Steps of an instant are not shown. */
const words: Partial<Record<StepName, [string, string]>> = {
  import: ['importing', 'imported'],
  stage: ['staging', 'staged'],
  stop: ['stopping', 'stopped'],
  secure: ['securing', 'secured'],
  swap: ['swapping', 'swapped'],
  replace: ['replacing', 'replaced'],
  start: ['starting', 'started'],
};

export function openPlanProgress(output: Output, plan: Plan): PlanProgress {
  const progress = openProgress(output);
  const startedAtMs = new Map<StepName, number>();
  const stopped = [...(plan.owners ?? []), ...plan.workloads];
  const isIdle = (step: StepName): boolean => stopped.length === 0 && (step === 'stop' || step === 'start');
  const names = stopped.map(({ name }) => name).join(', ');
  return {
    onProgress: ({ step, done, total, detail = '' }) => {
      const [doing] = words[step] ?? [];
      if (doing === undefined || isIdle(step)) return;
      const since = startedAtMs.get(step) ?? Date.now();
      startedAtMs.set(step, since);
      const amount = step === 'stop' ? names : `${done} of ${total}`;
      progress.set(step, [doing, amount, '', detail], 'busy', since);
    },
    onStepDone: (step, elapsedMs) => {
      const [, done] = words[step] ?? [];
      if (done === undefined || isIdle(step)) return;
      const amount = step === 'stop' || step === 'start' ? names : `${plan.members.length} of ${plan.members.length}`;
      progress.set(step, [done, amount, seconds(elapsedMs)], 'good');
    },
    close: () => {
      progress.close();
    },
  };
}

export function summaryOf(plan: Plan, { left = [], ...outcome }: Outcome): string {
  return [summaryText(plan, outcome), ...left].join('\n');
}

function summaryText(plan: Plan, { downtimeMs }: Outcome): string {
  const down = downtimeMs === undefined ? '' : ` The workload was down for ${seconds(downtimeMs)}.`;
  if (plan.kind === 'undo') return [`Undid ${plan.undoes}.${down}`, ...waysOn(plan)].join('\n');
  if (plan.undoes !== undefined) return [`Undid ${plan.undoes}.${down}`, ...waysOn(plan)].join('\n');
  const { members, source } = plan;
  if (isAsNew(plan)) {
    const names = members.map(({ claim, staging }) => `  ${claim} -> ${staging}`);
    return [`${count(members.length, 'claim')} made from ${source.name}:`, ...names].join('\n');
  }
  return [`Restored ${count(members.length, 'volume')} from ${source.name}.${down}`, ...waysOn(plan)].join('\n');
}

function waysOn(plan: Plan): string[] {
  const { members, operation, namespace, kind } = plan;
  if (members.length === 0) return [];
  const parked = members.flatMap(parkedBy);
  const undo = `  kubectl pvsnap undo ${operation} -n ${namespace}`;
  if (isReplacing(plan)) {
    return [
      `Its former data is in the safety set ${plan.safetySet}:`,
      `${undo}      to go back to it`,
      `  kubectl pvsnap commit ${operation} -n ${namespace}    to delete it`,
    ];
  }
  if (parked.length === 0 && kind === 'undo') return [];
  if (parked.length === 0) return ['There was no data before. To take the claims away again:', undo];
  const size = readableBytes(parked.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
  return [
    `${nameOfParked(kind, members)} is parked (${count(parked.length, 'volume')}, ${size}):`,
    `${undo}      to go back to it`,
    `  kubectl pvsnap commit ${operation} -n ${namespace}    to delete it`,
  ];
}

function nameOfParked(kind: Plan['kind'], members: Plan['members']): string {
  if (kind === 'restore') return 'Its former data';
  return isOfNow(members) ? 'What the claims had until now' : 'What was meant for the claims';
}
