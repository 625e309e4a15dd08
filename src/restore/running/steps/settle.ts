/**
 * Gives the volumes now in use their reclaim policy (restored: that of the ones before them, or of their storage class
 * where there were none; given back: their own), and takes the marks off: they are ordinary volumes again. Until then
 * they are Retain, which is the safe side to be interrupted on.
 */
import { together } from '../../../cluster/together.ts';
import type { RunContext } from '../context.ts';
import { checkInPlace } from '../in-place.ts';
import { watchVolumes } from '../context.ts';
import { discardSet } from '../discard-set.ts';
import { tidy } from '../tidy.ts';
import { ownPolicy, releaseVolume, stagedVolume } from '../../volumes.ts';

export async function settle(context: RunContext, signal: AbortSignal): Promise<void> {
  const { cluster, plan } = context;
  if (plan.members.length > 0) await releaseVolumes(context);
  if (plan.kind !== 'undo') return;
  for (const operation of plan.tidies ?? []) await tidy(cluster, { ...plan, operation }, signal);
  if (plan.discards !== undefined) await discardSet(cluster, plan.namespace, plan.discards, signal);
}

async function releaseVolumes(context: RunContext): Promise<void> {
  const { cluster, plan } = context;
  await checkInPlace(context);
  const { objects } = await watchVolumes(context);
  await together(
    plan.members.map(async ({ claim, now }) => {
      const volume = stagedVolume(objects, plan, claim);
      if (volume === undefined) return;
      const before = plan.kind === 'restore' ? now?.reclaimPolicy : undefined;
      await releaseVolume(cluster, volume.metadata.name, (fresh) => before ?? ownPolicy(fresh));
    }),
  );
}
