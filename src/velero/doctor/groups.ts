/** Whether Velero can snapshot groups of claims in this cluster. */
import type { Claim, Deployment } from '../../cluster/objects.ts';
import type { Seen } from './check.ts';
import { count, few } from './check.ts';
import { serverFlag, serverVersion } from '../server-flags.ts';

/** The label whose claims Velero snapshots as one group, where the server isn't told another. */
export function groupLabel(deployment: Deployment | undefined): string {
  const told = deployment && serverFlag(deployment, 'volume-group-snapshot-label-key');
  return told === undefined || told === '' ? 'velero.io/volume-group' : told;
}

/** The first minor version of Velero that isn't known to fail: none is yet, and those to come may have learnt it. */
const firstUnknown = 19;

/**
 * A group's snapshots name their group as their owner. external-snapshotter 8.6, which brought v1, writes v1 there, also where
 * it serves the older versions too; Velero 1.17 and 1.18 look for the version that they speak (hasOwnerReference in
 * pkg/backup/actions/csi), wait for ten minutes, fail, and leave the group's objects behind.
 * @param grouped claims that have the label
 * @param versions of groupsnapshot.storage.k8s.io that the cluster serves
 */
export function checkGroups(
  grouped: readonly Claim[],
  { label, versions, deployment }: { label: string; versions: readonly string[]; deployment: Deployment | undefined },
): Seen {
  if (grouped.length === 0) return { seen: [`no claim has the label ${label}`], findings: [] };
  const names = grouped.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`);
  const why = whyNot(versions, deployment);
  if (why === undefined) return { seen: [`${count(grouped.length, 'claim')} with the label ${label}`], findings: [] };
  const finding = {
    about: count(grouped.length, 'claim'),
    problem: `${grouped.length === 1 ? 'has' : 'have'} the label ${label}, and Velero can't snapshot groups here: ${why} (${few(names)})`,
    remedy:
      'take the label off, and let the server take several claims at once: --item-block-worker-count=6; ' +
      'or take a set with: kubectl pvsnap create',
  };
  return { seen: [], findings: [finding] };
}

function whyNot(versions: readonly string[], deployment: Deployment | undefined): string | undefined {
  if (versions.length === 0) return "the cluster doesn't serve groupsnapshot.storage.k8s.io";
  const [, minor = '0'] = /^v1\.(\d+)/.exec((deployment && serverVersion(deployment)) ?? '') ?? [];
  if (!versions.includes('v1') || Number(minor) >= firstUnknown) return undefined;
  return 'the snapshot controller speaks v1, and Velero up to 1.18 waits for v1beta2 in vain';
}
