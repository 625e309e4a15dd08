import type { Recorded } from './records.ts';
import { isAsNew } from './plan.ts';
import { beforeAnythingStops } from './steps-from.ts';

/**
 * Whether an operation that has not ended had not yet begun to stop anything: the record names a step before it is
 * begun, so that in these steps the workload runs on, and the claims have the volumes that they had.
 */
export function isUntouched({ phase, step, plan }: Recorded): boolean {
  return phase !== 'completed' && (beforeAnythingStops.has(step) || isAsNew(plan)) && plan.steps.includes(step);
}
