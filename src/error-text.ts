/** How errors read on stderr. */
import { CancelledError, ClusterError, RefusedError, VerbatimError } from './errors.ts';
import { findingsText } from './terminal/plan.ts';
import { shownLines, shownText } from './terminal/text.ts';

interface Place {
  /** Columns of the terminal, or Infinity. */
  width: number;
  toTerminal: boolean;
}

/** Empty when there is nothing to say. */
export function errorText(error: unknown, { width, toTerminal }: Place): string {
  if (error instanceof RefusedError && error.findings.length > 0) {
    return findingsText(`error: ${error.message}`, error.findings, width);
  }
  if (error instanceof VerbatimError) return toTerminal ? shownText(error.message) : error.message;
  if (error instanceof ClusterError) return shownLines(error.message);
  if (error instanceof CancelledError) return shownLines(error.message);
  if (error instanceof Error) return shownLines(`error: ${error.message}`);
  return shownLines(`error: ${String(error)}`);
}
