/** Hand-made observations: what a restore reads before it plans. */
import type { Claim, Content, Node, StorageClass, Volume } from '../../src/cluster/objects.ts';
import type { Observed, ObservedMember } from '../../src/restore/planning/observe.ts';
import type { RestoreRequest } from '../../src/restore/request.ts';
import { manifestOf } from '../../src/sets/manifest.ts';
import { memberOf } from '../../src/sets/member.ts';
import { boundClaim, driver, namespace, snapshot } from '../sets/objects.ts';

export const request: RestoreRequest = {
  operation: 'restore-7f3k2',
  namespace,
  source: { set: 'nightly' },
  only: [],
  sizeBytes: undefined,
  asNew: false,
};

/** A claim in use by nobody, bound, and its ready snapshot `s-<claim>`. */
export function memberFor(claim: string, parts: Partial<ObservedMember> = {}, content?: Content): ObservedMember {
  const present: Claim = boundClaim(claim);
  return {
    member: memberOf(snapshot(`s-${claim}`, claim), content),
    claim: present,
    volume: volumeFor(claim),
    manifest: manifestOf(present),
    storageClass: storageClass('Immediate'),
    unfinished: [],
    node: undefined,
    ...parts,
  };
}

/** For a claim that no longer exists. */
export const absent = { claim: undefined, volume: undefined };

export function observed(members: ObservedMember[], parts: Partial<Observed> = {}): Observed {
  const users = { workloads: [], owners: [], findings: [], notes: [], nodeOf: new Map<string, string>() };
  return { members, expected: members.length, users, nodes: [], ...parts };
}

export function volumeFor(claim: string, parts: Partial<NonNullable<Volume['spec']>> = {}): Volume {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: `pv-${claim}` },
    spec: { capacity: { storage: '4Gi' }, persistentVolumeReclaimPolicy: 'Delete', ...parts },
  };
}

export function storageClass(volumeBindingMode: string, provisioner = driver): StorageClass {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'fast' },
    provisioner,
    volumeBindingMode,
  };
}

export function node(name: string, labels: Record<string, string> = {}, unschedulable = false): Node {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, spec: { unschedulable } };
}
