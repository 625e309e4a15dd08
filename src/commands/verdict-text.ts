/** What a backup holds, in a line, and a line for each claim that it has elsewhere. */
import { readableBytes } from '../cluster/quantity.ts';
import { seconds } from '../terminal/age.ts';
import type { Verdict } from '../velero/verdict.ts';
import { skewMsOf } from '../velero/volumes.ts';

export function verdictText({ held, wanted, notes }: Verdict, elapsedMs: number): string {
  const skewMs = skewMsOf(held);
  const size = held.reduce((sum, { snapshot }) => sum + (snapshot?.sizeBytes ?? 0), 0);
  const parts = [
    `${held.length} of ${wanted} claims have a snapshot in ${seconds(elapsedMs)}`,
    ...(skewMs === undefined ? [] : [`skew ${seconds(skewMs)}`]),
    readableBytes(size),
  ];
  return [parts.join(', '), ...notes].join('\n');
}
