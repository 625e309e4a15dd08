/** What the user asked `restore` for. */
import type { StoredSet } from '../sets/stored.ts';
import type { Owner } from '../workloads/owner.ts';
import type { StopChoices } from '../workloads/stop-choices.ts';
import type { PlanWorkload, Strategy } from './plan.ts';

export interface RestoreRequest {
  operation: string;
  namespace: string;
  source: { set: string } | { snapshots: string[] } | { stored: StoredSet };
  /** Claims to restore; empty: all of the source. */
  only: string[];
  /** The least size of every claim, bytes. */
  sizeBytes: number | undefined;
  asNew: boolean;
  /** undefined: swap, or replace for a user who may not keep volumes. */
  strategy?: Strategy | undefined;
  /** VolumeSnapshotClass of the safety set. */
  className?: string | undefined;
  /** What the person says of stopping. */
  choices?: StopChoices;
  /** The source is the safety set of this operation, and the claims become what they were before it. */
  undoing?: UndoneOperation;
}

interface UndoneOperation {
  operation: string;
  /** What it had stopped, when it was interrupted. */
  stopped: PlanWorkload[];
  /** What it holds. */
  held: Owner[];
  /** Operations whose holds it had taken over. */
  takesOver: string[];
  inherits: string[];
  /** Where a claim was provisioned: no pod says so while the workload is stopped. */
  nodeOf: ReadonlyMap<string, string>;
}

export function sourceName({ source }: Pick<RestoreRequest, 'source'>): string {
  if ('set' in source) return source.set;
  return 'stored' in source ? source.stored.name : source.snapshots.map((name) => `vs/${name}`).join(',');
}

const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** `restore-` and five characters that can't form a word or be misread, as Kubernetes' own generated names. */
export function newOperationName(kind: string): string {
  const random = crypto.getRandomValues(new Uint8Array(5));
  return `${kind}-${[...random].map((byte) => alphabet[byte % alphabet.length]).join('')}`;
}
