/** Keeps every volume concerned, the present one and the staged one, whatever becomes of its claim. */
import type { Claim } from '../../../cluster/objects.ts';
import { claims } from '../../../cluster/resources.ts';
import { together } from '../../../cluster/together.ts';
import { FailedError } from '../../../errors.ts';
import type { RunContext } from '../context.ts';
import { watchVolumes } from '../context.ts';
import type { PlanMember } from '../../plan.ts';
import { keepVolume, stagedVolume } from '../../volumes.ts';

/** @throws FailedError when a volume is no longer the one that the plan was made for */
export async function retain(context: RunContext, signal: AbortSignal): Promise<void> {
  const { cluster, plan } = context;
  const watch = await watchVolumes(context);
  await together(
    plan.members.map(async (member) => {
      if (stagedVolume(watch.objects, member.claim) === undefined) {
        const staging = await cluster.get(claims, member.staging, plan.namespace);
        await keepVolume(cluster, plan, { ...boundVolume(staging), role: 'staged', manifest: member.manifest });
      }
      if (member.now === undefined) return;
      const { volume, uid: claimUid, manifest } = member.now;
      await keepVolume(cluster, plan, { volume, claimUid, role: 'parked', manifest });
    }),
  );
  // The swap finds the volumes by what stands on them, as another run after a crash would.
  await watch.until((objects) => plan.members.every((member) => isKept(objects, member)) || undefined, signal);
}

function boundVolume(staging: Claim): { volume: string; claimUid: string } {
  const volume = staging.spec?.volumeName ?? '';
  if (volume !== '' && staging.status?.phase === 'Bound') return { volume, claimUid: staging.metadata.uid ?? '' };
  throw new FailedError(`staging claim ${staging.metadata.name} is no longer bound to a volume`);
}

function isKept(objects: Parameters<typeof stagedVolume>[0], { claim, now }: PlanMember): boolean {
  return stagedVolume(objects, claim) !== undefined && (now === undefined || objects.has(now.volume));
}
