/**
 * A plan: what an operation will do, as plain data. `--dry-run` prints it, the user confirms it, the record keeps it
 * and the run executes it: the same value.
 */
import type { KubeObject } from '../cluster/objects.ts';
import type { ClaimManifest } from '../sets/manifest.ts';
import type { Owner } from '../workloads/owner.ts';
import type { StopChoices } from '../workloads/stop-choices.ts';
import type { StopWay } from '../workloads/stop-ways.ts';

/**
 * The steps in the order of a plan. Every step works on the plan's members and workloads and is level-based:
 * it looks first, does what is missing, and does nothing when run again.
 *
 * stage: provision a claim from each snapshot. retain: keep every volume, whatever happens to its claim.
 * stop: hold the owners, stop the workloads without loss of claims, and wait until nothing uses them. swap: give each claim's name to the volume to come.
 * start: put back what was stopped and wait until ready. settle: give the volumes now in use their reclaim policy.
 *
 * Around them, where the snapshots are on storage alone: import: make objects of them that claims can be made from.
 * tidy: delete those objects again, and never a snapshot on storage.
 *
 * For a user who may not patch volumes, between stop and start instead: secure: take a safety set of the claims of now.
 * replace: delete each claim and make it again from its snapshot.
 */
export const stepNames = [
  'import',
  'stage',
  'retain',
  'stop',
  'secure',
  'swap',
  'replace',
  'start',
  'settle',
  'tidy',
] as const;
export type StepName = (typeof stepNames)[number];

export type Plan = RestorePlan | UndoPlan;
export type PlanMember = RestoreMember | UndoMember;
/** replace: volumes can't be kept, a set of snapshots keeps their data. */
export type Strategy = 'swap' | 'replace';

interface PlanBase {
  /** Such as restore-7f3k2. */
  operation: string;
  namespace: string;
  workloads: PlanWorkload[];
  /** Who would start the workloads again: held before they are stopped, released once they are started. Absent: none. */
  owners?: Owner[];
  /** The operation that is undone. */
  undoes?: string;
  /** Operations that the undone one had taken back in its turn: what they hold is let go with this one. */
  takesOver?: string[];
  /** What the person said of stopping; absent: nothing. An undo keeps to it. */
  choices?: StopChoices;
  steps: StepName[];
  /** What the user should know besides. */
  notes: string[];
}

/** Brings the data of snapshots into claims. */
export interface RestorePlan extends PlanBase {
  kind: 'restore';
  /** Absent in records of earlier versions: swap. */
  strategy?: Strategy;
  /** With `replace`: the set that keeps the data of now. */
  safetySet?: string;
  /** The operation that is undone had replaced the claims, and the source is its safety set. */
  undoes?: string;
  /** Sets that keep data for operations that were undone: a commit of this one deletes them too. */
  inherits?: string[];
  source: PlanSource;
  members: RestoreMember[];
}

/** Gives claims the volumes back that another operation parked, and parks those of now. */
export interface UndoPlan extends PlanBase {
  kind: 'undo';
  /** The operation that is undone. Its volumes become this one's. */
  undoes: string;
  /** Its safety set, which keeps nothing that the claims don't have. */
  discards?: string;
  /** As of a restore. */
  inherits?: string[];
  /** Operations that may have left objects that they had made of snapshots on storage. */
  tidies?: string[];
  members: UndoMember[];
}

export interface PlanSource {
  /** The set's name, or `vs/NAME,...` for single snapshots. */
  name: string;
  /** When the newest of its snapshots was cut, ISO 8601; absent when no driver said. */
  takenAt?: string;
  skewMs?: number;
}

export interface RestoreMember {
  claim: string;
  /** The claim as it will be made again, with its new size and without a volume. */
  manifest: ClaimManifest;
  snapshot: string;
  sizeBytes: number;
  /** The claim that is provisioned from the snapshot: a staging claim, or the one that stays: --as-new, replace. */
  staging: string;
  /** On a WaitForFirstConsumer class: the nodes to provision for, the best first. Empty on others. */
  nodes: string[];
  /** Where there was no such snapshot in the cluster: what it is made of for the operation. */
  stored?: StoredSource;
  /** With `replace`: the snapshot that keeps the data of now; absent where there is none. */
  safety?: { snapshot: string; class: string };
  /** What the claim is today; absent when it no longer exists. */
  now?: ClaimNow;
}

/** A snapshot on storage, and the content that stands for it. */
export interface StoredSource {
  content: string;
  handle: string;
  driver: string;
  className?: string;
  volumeMode?: string;
}

export interface UndoMember {
  claim: string;
  /** What the claim gets back; absent when there was no such claim before: then it is only taken away. */
  coming?: { volume: string; manifest: ClaimManifest; sizeBytes: number };
  /** What the claim is today; absent when there is none. */
  now?: ClaimNow;
  /** Other volumes that the undone operation keeps for the claim: they are parked too. */
  asides: Aside[];
}

/** Such as what an interrupted operation meant for a claim that doesn't have it. */
interface Aside {
  volume: string;
  sizeBytes: number;
  /** What it is for the undone operation. */
  role: 'staged' | 'parked';
  /** The claim, under another name, that holds it. */
  staging?: string;
}

export interface ClaimNow {
  uid: string;
  /** As it is today: what its volume will need to get its claim back. */
  manifest: ClaimManifest;
  /** Empty for a claim that has none yet: it holds no data. */
  volume: string;
  /** Of the volume, bytes. */
  sizeBytes: number;
  reclaimPolicy: string;
  /** It is being deleted: an interrupted operation had got so far. */
  isGoing?: true;
  /** Its volume still has the marks of the operation to be undone, as staged. */
  isKept?: true;
}

export interface PlanWorkload {
  /** In lower case: of a workload, or of a custom resource whose pods use the claims. */
  kind: string;
  name: string;
  uid: string;
  /** Pods that are put back. */
  replicas: number;
  /** Absent: by scale. */
  how?: StopWay;
  /** Of a pod that is made again. */
  manifest?: KubeObject;
  /** Who stands above it, the root first; absent: nobody. */
  under?: string[];
  /** Where somebody stands above it: its pods, with those of the claims that each uses. */
  pods?: { name: string; claims: string[] }[];
  /** Its place among those that are stopped one after the other, and started in reverse; absent: 0. */
  rank?: number;
  /** Its policy that would delete the claims at 0 replicas: Retain during the operation, put back after the start. */
  whenScaled?: 'Delete';
  /** Its metadata.generation while the safety set was taken: another one, and it may have run since. */
  stoppedGeneration?: number;
}

/** Whether claims are made beside the old ones, and nothing is stopped or swapped. */
export function isAsNew(plan: Plan): boolean {
  return plan.kind === 'restore' && !plan.steps.includes('swap') && !plan.steps.includes('replace');
}

/** Whether objects are made of snapshots that are on storage alone, and deleted at the end. */
export function isImporting(plan: Plan): boolean {
  return plan.kind === 'restore' && plan.members.some(({ stored }) => stored !== undefined);
}

/** Whether claims are deleted and made again, instead of getting another volume. */
export function isReplacing(plan: Plan): plan is RestorePlan & { strategy: 'replace'; safetySet: string } {
  return plan.kind === 'restore' && plan.strategy === 'replace';
}

/** The claim as it will be; undefined when there will be none. */
export function manifestToCome(member: PlanMember): ClaimManifest | undefined {
  return 'staging' in member ? member.manifest : member.coming?.manifest;
}

/** Whether the claim's volume of now is the one to come: its operation was interrupted before the swap. */
export function keepsVolume(member: PlanMember): boolean {
  return 'staging' in member ? false : member.coming !== undefined && member.coming.volume === member.now?.volume;
}

/** Whether the claim has already what an undo would give it, and will keep it. */
export function isUnchanged(member: PlanMember): boolean {
  return keepsVolume(member) && member.now?.isGoing !== true;
}

/** Whether the claim is taken away, made again, or both; else at most marks of volumes are moved. */
export function isSwapped(member: PlanMember): boolean {
  if ('staging' in member) return true;
  return (member.coming !== undefined || member.now !== undefined) && !isUnchanged(member);
}

/** Volumes that will be parked, each with its size in bytes. */
export function parkedBy(member: PlanMember): { volume: string; sizeBytes: number }[] {
  if ('staging' in member && member.staging === member.claim) return [];
  const { now } = member;
  const replaced = now === undefined || keepsVolume(member) ? [] : [now];
  return 'staging' in member ? replaced : [...replaced, ...member.asides];
}

/** Those that are stopped together, in the order of the stop. */
export function inTurn(workloads: readonly PlanWorkload[]): PlanWorkload[][] {
  const byRank = Map.groupBy(workloads, ({ rank = 0 }) => rank);
  return [...byRank].sort(([a], [b]) => a - b).map(([, group]) => group);
}
