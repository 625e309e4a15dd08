import type { VolumeAttachment } from '../../cluster/objects.ts';
import { volumeAttachments } from '../../cluster/resources.ts';
import type { Watch } from '../../cluster/watch.ts';
import { ClusterError } from '../../errors.ts';
import type { RunContext } from './context.ts';

/**
 * The attachments of volumes to nodes. A pod goes before its volume is detached: the kubelet may take 10 s more to say that
 * it let go, and until then some of the old data is still on its way to storage.
 * @returns undefined for a user who may not read them: the claims are free once their pods are gone
 */
export async function watchAttachments({ watchOf }: RunContext): Promise<Watch<VolumeAttachment> | undefined> {
  try {
    return await watchOf(volumeAttachments);
  } catch (error) {
    if (error instanceof ClusterError && error.status === 403) return undefined;
    throw error;
  }
}

/** @returns in words, which volume of now of the plan is attached still; undefined: none */
export function attachedStill(
  { plan }: RunContext,
  attachments: Watch<VolumeAttachment> | undefined,
): string | undefined {
  const ours = new Set(plan.members.flatMap(({ now }) => now?.volume ?? []));
  const all = [...(attachments?.objects.values() ?? [])];
  const held = all.find(({ spec }) => ours.has(spec.source.persistentVolumeName ?? ''));
  if (held === undefined) return undefined;
  return `volume ${held.spec.source.persistentVolumeName ?? ''} is still attached to ${held.spec.nodeName}`;
}
