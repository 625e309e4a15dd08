/** What a commit will destroy: printed, confirmed and carried out, the same value. */
export interface CommitPlan {
  operation: string;
  namespace: string;
  /** Whether the operation's record is there, to be removed at the end. */
  isRecorded: boolean;
  volumes: Doomed[];
  /** Of safety sets. */
  snapshots: DoomedSnapshot[];
}

export interface DoomedSnapshot {
  snapshot: string;
  uid: string;
  claim: string;
  set: string;
  sizeBytes: number;
  /** RFC 3339. */
  createdAt: string;
}

export interface Doomed {
  volume: string;
  uid: string;
  /** The claim that it was of. */
  claim: string;
  sizeBytes: number;
  /** RFC 3339. */
  createdAt: string;
  /** What it gets back: Delete destroys it; one that was Retain stays. */
  reclaimPolicy: string;
}

export function isKeptByItsPolicy({ reclaimPolicy }: Doomed): boolean {
  return reclaimPolicy === 'Retain';
}
