/** What the user asked `restore` for. */

export interface RestoreRequest {
  operation: string;
  namespace: string;
  source: { set: string } | { snapshots: string[] };
  /** Claims to restore; empty: all of the source. */
  only: string[];
  /** The least size of every claim, bytes. */
  sizeBytes: number | undefined;
  asNew: boolean;
}

const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** `restore-` and five characters that can't form a word or be misread, as Kubernetes' own generated names. */
export function newOperationName(kind: string): string {
  const random = crypto.getRandomValues(new Uint8Array(5));
  return `${kind}-${[...random].map((byte) => alphabet[byte % alphabet.length]).join('')}`;
}
