import { volumeAttachments } from '../../cluster/resources.ts';
import { ClusterError } from '../../errors.ts';
import type { RunContext } from './context.ts';

/**
 * Waits until no VolumeAttachment holds a volume of the plan, so that nothing of the old data is still on its way to
 * storage. A pod goes before its volume is detached: the kubelet may take 10 s more to say that it let go.
 * A user who may not read attachments goes without: the claims are free once their pods are gone.
 */
export async function untilDetached(
  { plan, watchOf }: RunContext,
  signal: AbortSignal,
  onChange: (detail: string) => void,
): Promise<void> {
  const ours = new Set(plan.members.flatMap(({ now }) => now?.volume ?? []));
  try {
    const watch = await watchOf(volumeAttachments);
    await watch.until((objects) => {
      const held = [...objects.values()].find(({ spec }) => ours.has(spec.source.persistentVolumeName ?? ''));
      if (held === undefined) return true;
      onChange(`volume ${held.spec.source.persistentVolumeName ?? ''} is still attached to ${held.spec.nodeName}`);
      return undefined;
    }, signal);
  } catch (error) {
    if (!(error instanceof ClusterError && error.status === 403)) throw error;
  }
}
