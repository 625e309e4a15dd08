/**
 * A plan: what an operation will do, as plain data. `--dry-run` prints it, the user confirms it, the record keeps it
 * and the run executes it: the same value.
 */
import type { ClaimManifest } from '../sets/manifest.ts';

/**
 * The steps in the order of a plan. Every step works on the plan's members and workloads and is level-based:
 * it looks first, does what is missing, and does nothing when run again.
 *
 * stage: provision a claim from each snapshot. retain: keep every volume, whatever happens to its claim.
 * stop: scale to 0 and wait until nothing uses the claims. swap: give each claim's name to its staged volume.
 * start: put the replicas back and wait until ready. settle: give the volumes now in use their reclaim policy.
 */
export type StepName = 'stage' | 'retain' | 'stop' | 'swap' | 'start' | 'settle';

export interface Plan {
  /** Such as restore-7f3k2. */
  operation: string;
  kind: 'restore';
  namespace: string;
  source: PlanSource;
  members: PlanMember[];
  workloads: PlanWorkload[];
  steps: StepName[];
  /** What the user should know besides: what an earlier operation left. */
  notes: string[];
}

export interface PlanSource {
  /** The set's name, or `vs/NAME,...` for single snapshots. */
  name: string;
  /** When the newest of its snapshots was cut, ISO 8601; absent when no driver said. */
  takenAt?: string;
  skewMs?: number;
}

export interface PlanMember {
  claim: string;
  /** The claim as it will be made again, with its new size and without a volume. */
  manifest: ClaimManifest;
  snapshot: string;
  sizeBytes: number;
  /** The claim that is provisioned from the snapshot: a staging claim, or with --as-new the one that stays. */
  staging: string;
  /** On a WaitForFirstConsumer class: the nodes to provision for, the best first. Empty on others. */
  nodes: string[];
  /** What the claim is today; absent when it no longer exists. */
  now?: ClaimNow;
}

export interface ClaimNow {
  uid: string;
  /** As it is today: what its volume will need to get its claim back. */
  manifest: ClaimManifest;
  volume: string;
  /** Of the volume, bytes. */
  sizeBytes: number;
  reclaimPolicy: string;
}

export interface PlanWorkload {
  kind: 'statefulset' | 'deployment';
  name: string;
  uid: string;
  replicas: number;
}

/** Whether claims are made beside the old ones, and nothing is stopped or swapped. */
export function isAsNew(plan: Plan): boolean {
  return !plan.steps.includes('swap');
}
