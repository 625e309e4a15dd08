/** Errors as kubectl prints them: k8s.io/kubectl/pkg/cmd/util/helpers.go. */
import { ClusterError, FailedError, VerbatimError } from '../../errors.ts';

/** Throws what stands for all of them; nothing when there are none. */
export function throwAll(errors: readonly Error[]): void {
  const [first] = errors;
  if (first === undefined) return;
  if (errors.length === 1) throw first;
  throw new VerbatimError(errors.map(({ message }) => `${message}\n`).join(''));
}

/** An error whose text must not be changed any more. */
export function asReported(error: unknown): unknown {
  if (error instanceof ClusterError) return new VerbatimError(error.message, { cause: error });
  if (!(error instanceof FailedError)) return error;
  const text = error.message.startsWith('error: ') ? error.message : `error: ${error.message}`;
  return new VerbatimError(text, { cause: error });
}
