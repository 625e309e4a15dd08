/**
 * Gives the volumes now in use the reclaim policy that the ones before them had (a claim that was gone: the one that
 * its storage class gave it), and takes the marks off: they are ordinary volumes again. Until then they are Retain,
 * which is the safe side to be interrupted on.
 */
import { together } from '../../../cluster/together.ts';
import type { RunContext } from '../context.ts';
import { watchVolumes } from '../context.ts';
import { ownPolicy, releaseVolume, stagedVolume } from '../../volumes.ts';

export async function settle(context: RunContext): Promise<void> {
  const { cluster, plan } = context;
  const { objects } = await watchVolumes(context);
  await together(
    plan.members.map(async ({ claim, now }) => {
      const volume = stagedVolume(objects, claim);
      if (volume === undefined) return;
      await releaseVolume(cluster, volume.metadata.name, (fresh) => now?.reclaimPolicy ?? ownPolicy(fresh));
    }),
  );
}
