/**
 * The errors that reach a person. Each kind has one exit code; main.ts alone prints them and ends the process.
 * A message says what happened, to what, and what to do next.
 */

/** The command line is wrong: nothing was asked of the cluster. Exit 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** One reason why something can't be done, and the way out. */
export interface Finding {
  /** What it is about: a claim, a workload, `you`. */
  about: string;
  problem: string;
  remedy?: string;
}

/** It can't be done, and nothing was changed. Carries every finding at once. Exit 1. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly findings: readonly Finding[];

  constructor(message: string, findings: readonly Finding[] = []) {
    super(message);
    this.findings = findings;
  }
}

/** Something failed after work had begun; the message says where the data is now. Exit 1. */
export class FailedError extends Error {
  override readonly name = 'FailedError';
}

interface ClusterErrorOptions extends ErrorOptions {
  retryAfterMs?: number | undefined;
}

/** The API server answered with an error, or could not be reached. Exit 1. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** The reason of the API's Status object, such as NotFound or Conflict; empty when there is none. */
  readonly reason: string;
  /** When the server said that the request may be sent again (Retry-After). */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, status: number, reason: string, options: ClusterErrorOptions = {}) {
    super(message, options);
    this.status = status;
    this.reason = reason;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** What kubectl says in the same place, to the letter: of several lines, or nothing at all. Exit 1. */
export class VerbatimError extends Error {
  override readonly name = 'VerbatimError';
}

/** The user stopped it (Ctrl-C, Esc, or no at the question). Exit 130. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError';
}

/** The exit code that stands for an error of any kind. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return 2;
  if (error instanceof CancelledError) return 130;
  return 1;
}

export function isClusterError(error: unknown, reason: string): error is ClusterError {
  return error instanceof ClusterError && error.reason === reason;
}

/** What an unknown thrown value says, for a message of ours. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
