import type { Plan, StepName } from './plan.ts';
import { isReplacing } from './plan.ts';

/** While the workload runs on, everything can be taken back. */
export const beforeAnythingStops: ReadonlySet<StepName> = new Set<StepName>(['import', 'stage', 'retain']);

/**
 * The steps that a run goes through that takes up an interrupted one: from the step that it ended in. Once the workload
 * was being stopped, what the swap relies on is made sure of again first: volumes that are kept, a workload that is
 * stopped. A safety set is taken anew until the first claim may have been deleted, and never after.
 */
export function stepsFrom(plan: Plan, endedIn: StepName | undefined): StepName[] {
  const { steps } = plan;
  if (endedIn === undefined) return steps;
  if (isReplacing(plan)) return steps.slice(steps.indexOf(endedIn === 'secure' ? 'stop' : endedIn));
  const isBetween = endedIn === 'stop' || endedIn === 'swap';
  const first = beforeAnythingStops.has(endedIn) ? steps[0] : isBetween ? 'retain' : endedIn;
  return steps.slice(steps.indexOf(first ?? endedIn));
}
