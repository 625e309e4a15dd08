import type { Owner } from '../../workloads/owner.ts';
import type { NamedWorkload, StopChoices } from '../../workloads/stop-choices.ts';
import { noChoices } from '../../workloads/stop-choices.ts';
import type { Plan } from '../plan.ts';

/**
 * What was said of stopping for an earlier operation, as its record has it. Whoever may write records must not be able
 * to have something of another namespace stopped: there, only what the operation holds is believed, and the rest must be
 * said again.
 */
export function carriedChoices(plan: Plan | undefined, held: readonly Owner[]): StopChoices {
  const { stop, ...said } = plan?.choices ?? noChoices;
  const isBelieved = ({ namespace, name, kind }: NamedWorkload): boolean =>
    namespace === plan?.namespace ||
    held.some(
      (owner) =>
        owner.namespace === namespace &&
        owner.name === name &&
        owner.resource.kind.toLowerCase() === kind.toLowerCase(),
    );
  const doubted = stop.filter((one) => !isBelieved(one));
  return {
    ...said,
    stop: stop.filter(isBelieved),
    isCarried: true,
    ...(doubted.length > 0 && { doubted }),
  };
}
