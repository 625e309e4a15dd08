/** As which operations one may hold owners: as itself, and as those that it takes back. */
import { holderName } from './marks.ts';
import type { Plan } from './plan.ts';

/** Its own name first. All are of its namespace: a record that names others reaches no further. */
export function holdersOf(plan: Pick<Plan, 'namespace' | 'operation' | 'undoes' | 'takesOver'>): [string, ...string[]] {
  const { namespace, operation } = plan;
  const others = takenOver(plan).map((one) => holderName({ namespace, operation: one }));
  return [holderName({ namespace, operation }), ...others];
}

/** The operations whose holds an operation has taken over: they are let go with its own. */
export function takenOver({ undoes, takesOver = [] }: Pick<Plan, 'undoes' | 'takesOver'>): string[] {
  return undoes === undefined ? takesOver : [undoes, ...takesOver];
}
