/** Operations as the cluster shows them: their records, the volumes that they keep, and who is at work. Pure. */
import { compareNatural } from '../cluster/natural-order.ts';
import type { ConfigMap, Lease, Volume } from '../cluster/objects.ts';
import { displayName } from '../workloads/kinds.ts';
import type { MarkedVolume } from './parked.ts';
import { markedAmong } from './parked.ts';
import { isAsNew } from './plan.ts';
import type { Recorded } from './records.ts';
import { recordedOf } from './records.ts';
import { capacityBytes } from './volumes.ts';

export interface Operation {
  name: string;
  namespace: string;
  /** Of its record. */
  labels: Record<string, string>;
  /** Absent when only volumes tell of it: the record was deleted, or is none. */
  recorded?: Recorded;
  /** When the record was created, in milliseconds since 1970; NaN without one. */
  createdAtMs: number;
  /** What it keeps, by claim; undefined when the user may not list volumes. */
  volumes: MarkedVolume[] | undefined;
  /** Who is at work on it, as long as the Lease isn't renewed; undefined when nobody is. */
  holder?: Holder;
  /** false when the user may not list Leases: then nobody knows whether anybody is at work. */
  isHolderKnown: boolean;
}

interface Holder {
  identity: string;
  since: string;
  expiresAtMs: number;
}

export interface Seen {
  records: readonly ConfigMap[];
  /** undefined: the user may not list them. */
  volumes: readonly Volume[] | undefined;
  leases: readonly Lease[] | undefined;
}

export interface OperationScope {
  /** Absent: all namespaces. */
  namespace?: string | undefined;
  /** Of records. */
  labelSelector?: string | undefined;
}

/** Newest first, then those without a record; then by name. Without a selector also what only volumes tell of. */
export function groupOperations(seen: Seen, { namespace, labelSelector }: OperationScope): Operation[] {
  const kept = seen.volumes === undefined ? undefined : byOperation(markedAmong(seen.volumes, namespace));
  const holders = holdersIn(seen.leases ?? []);
  const isHolderKnown = seen.leases !== undefined;
  const found = new Map<string, Operation>();
  const add = (operation: Pick<Operation, 'name' | 'namespace'> & Partial<Operation>): void => {
    const key = operationKey(operation);
    const holder = holders.get(key);
    const volumes = kept === undefined ? undefined : (kept.get(key) ?? []);
    const common = { labels: {}, createdAtMs: NaN, volumes, isHolderKnown, ...(holder !== undefined && { holder }) };
    found.set(key, { ...common, ...operation });
  };
  for (const record of seen.records) {
    const recorded = recordedOf(record);
    if (recorded === undefined) continue;
    const { operation: name, namespace: within } = recorded.plan;
    const { labels = {}, creationTimestamp = '' } = record.metadata;
    add({ name, namespace: within, labels, recorded, createdAtMs: Date.parse(creationTimestamp) });
  }
  for (const [key, [first]] of labelSelector === undefined ? (kept ?? []) : []) {
    const within = first?.volume.spec?.claimRef?.namespace ?? '';
    if (first !== undefined && !found.has(key)) add({ name: first.operation, namespace: within });
  }
  return [...found.values()].sort(compareOperations);
}

export function operationKey({ namespace, name }: Pick<Operation, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}

/**
 * `completed`, `failed`, `undone-by-NAME`; the step while somebody is at work on it, else `interrupted`; `unrecorded`
 * when only volumes tell of it. Where nobody can know who is at work, the step of the record.
 */
export function phaseOf({ recorded, holder, isHolderKnown }: Operation, nowMs: number): string {
  if (recorded === undefined) return 'unrecorded';
  const { phase, step, undoneBy, plan } = recorded;
  if (phase === 'completed') return phase;
  if (undoneBy !== undefined) return `undone-by-${undoneBy}`;
  if (holder !== undefined && nowMs < holder.expiresAtMs) return step;
  // Claims that are made beside the present ones are made without a Lease.
  return phase === 'failed' ? phase : isHolderKnown && !isAsNew(plan) ? 'interrupted' : step;
}

/** Whether it has ended, one way or another; of one without a record nobody knows. */
export function hasEnded(phase: string): boolean {
  return phase === 'completed' || phase.startsWith('undone-by-');
}

/** By its record, else by its name, which begins with it. */
export function kindOf({ recorded, name }: Operation): string {
  return recorded?.plan.kind ?? /^(restore|undo)-/.exec(name)?.[1] ?? '<unknown>';
}

/** What it brings: the set or the snapshots, of an undo the operation that it undoes; undefined without a record. */
export function sourceOf({ recorded }: Operation): string | undefined {
  if (recorded === undefined) return undefined;
  const { plan } = recorded;
  return plan.kind === 'restore' ? plan.source.name : plan.undoes;
}

export function claimsOf({ recorded, volumes = [] }: Operation): string[] {
  const names =
    recorded?.plan.members.map(({ claim }) => claim) ?? volumes.map(({ manifest }) => manifest.metadata.name);
  return [...new Set(names)].sort(compareNatural);
}

/** The workloads of its claims; where there are none, the claims. */
export function targetOf(operation: Operation): string {
  const workloads = operation.recorded?.plan.workloads ?? [];
  if (workloads.length > 0) return workloads.map(displayName).join(',');
  const claims = claimsOf(operation).map((claim) => `pvc/${claim}`);
  return claims.length > 3 ? `${claims[0] ?? ''} +${claims.length - 1}` : claims.join(',');
}

export function parkedOf({ volumes }: Operation): MarkedVolume[] | undefined {
  return volumes?.filter(({ role }) => role === 'parked');
}

export function volumeSizeBytes({ volume }: MarkedVolume): number {
  return capacityBytes(volume);
}

function byOperation(marked: readonly MarkedVolume[]): Map<string, MarkedVolume[]> {
  const inOrder = marked.toSorted((a, b) => compareNatural(a.manifest.metadata.name, b.manifest.metadata.name));
  return Map.groupBy(inOrder, ({ operation, volume }) =>
    operationKey({ namespace: volume.spec?.claimRef?.namespace ?? '', name: operation }),
  );
}

/** By each word of the holder, of which one is the operation. */
function holdersIn(leases: readonly Lease[]): Map<string, Holder> {
  const entries = leases.flatMap(({ metadata: { namespace = '' }, spec }) => {
    const { holderIdentity: identity = '', acquireTime = '', renewTime = '', leaseDurationSeconds = 0 } = spec ?? {};
    const expiresAtMs = Date.parse(renewTime) + leaseDurationSeconds * 1000;
    const holder = { identity, since: acquireTime, expiresAtMs };
    return identity.split(' ').map((name) => [operationKey({ namespace, name }), holder] as const);
  });
  return new Map(entries);
}

function compareOperations(a: Operation, b: Operation): number {
  const [aMs, bMs] = [a, b].map(({ createdAtMs }) => (Number.isNaN(createdAtMs) ? -Infinity : createdAtMs));
  if (aMs !== bMs) return (aMs ?? 0) > (bMs ?? 0) ? -1 : 1;
  return operationKey(a) < operationKey(b) ? -1 : 1;
}
