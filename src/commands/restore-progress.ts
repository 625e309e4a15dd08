/** How a restore comes along, a line per step, and what is said at its end. */
import { readableBytes } from '../cluster/quantity.ts';
import type { Progress } from '../restore/running/context.ts';
import { count } from '../restore/planning/describe.ts';
import { operationMark, roleLabel } from '../restore/marks.ts';
import type { Plan, StepName } from '../restore/plan.ts';
import { isAsNew } from '../restore/plan.ts';
import type { Outcome } from '../restore/running/run.ts';
import { seconds } from '../terminal/age.ts';
import type { Output } from '../terminal/output.ts';
import { openProgress } from '../terminal/progress.ts';

export interface RestoreProgress {
  onProgress: (progress: Progress) => void;
  onStepDone: (step: StepName, elapsedMs: number) => void;
  close: () => void;
}

/** What a step is called while it runs, and once it is done. Steps of an instant are not shown. */
const words: Partial<Record<StepName, [string, string]>> = {
  stage: ['staging', 'staged'],
  stop: ['stopping', 'stopped'],
  swap: ['swapping', 'swapped'],
  start: ['starting', 'started'],
};

export function openRestoreProgress(output: Output, plan: Plan): RestoreProgress {
  const progress = openProgress(output);
  const startedAtMs = new Map<StepName, number>();
  const isIdle = (step: StepName): boolean => plan.workloads.length === 0 && (step === 'stop' || step === 'start');
  const names = plan.workloads.map(({ name }) => name).join(', ');
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

export function summaryOf(plan: Plan, { downtimeMs }: Outcome): string {
  if (isAsNew(plan)) {
    const names = plan.members.map(({ claim, staging }) => `  ${claim} -> ${staging}`);
    return [`${count(plan.members.length, 'claim')} made from ${plan.source.name}:`, ...names].join('\n');
  }
  const down = downtimeMs === undefined ? '' : ` The workload was down for ${seconds(downtimeMs)}.`;
  return [
    `Restored ${count(plan.members.length, 'volume')} from ${plan.source.name}.${down}`,
    ...parkedLines(plan),
  ].join('\n');
}

/** The two lines are what a person types until undo and commit exist. */
function parkedLines({ members, operation }: Plan): string[] {
  const parked = members.flatMap(({ now }) => now ?? []);
  if (parked.length === 0) return [];
  const size = readableBytes(parked.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
  const selector = `${operationMark}=${operation},${roleLabel}=parked`;
  return [
    `Its former data is parked (${count(parked.length, 'volume')}, ${size}). To look at it:`,
    `  kubectl get pv -l ${selector}`,
    'To delete it for good, once you no longer need it:',
    `  kubectl patch $(kubectl get pv -l ${selector} -o name) -p '{"spec":{"persistentVolumeReclaimPolicy":"Delete"}}'`,
  ];
}
