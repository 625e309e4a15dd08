import { missingRights } from '../../cluster/access.ts';
import type { VolumeAttachment } from '../../cluster/objects.ts';
import { volumeAttachments } from '../../cluster/resources.ts';
import type { Watch } from '../../cluster/watch.ts';
import type { RunContext } from './context.ts';

/** A right to list them alone is none: the wait would end with the watch. */
export async function mayWatchAttachments({ cluster }: RunContext): Promise<boolean> {
  const rights = (['list', 'watch'] as const).map((verb) => ({ verb, resource: volumeAttachments }));
  return (await missingRights(cluster, rights)).length === 0;
}

/**
 * A pod goes before its volume is detached: the kubelet may take 10 s more to say that it let go, and until then some of the
 * old data is still on its way to storage.
 * @param attachments undefined for a user who may not watch them: the claims are free once their pods are gone
 * @returns in words, which volume of now of the plan is attached still; undefined: none
 */
export function attachedStill(
  { plan }: RunContext,
  attachments: Watch<VolumeAttachment> | undefined,
): string | undefined {
  const ours = new Set(plan.members.map(({ now }) => now?.volume ?? '').filter((name) => name !== ''));
  const all = [...(attachments?.objects.values() ?? [])];
  const held = all.find(({ spec }) => ours.has(spec.source.persistentVolumeName ?? ''));
  if (held === undefined) return undefined;
  return `volume ${held.spec.source.persistentVolumeName ?? ''} is still attached to ${held.spec.nodeName}`;
}
