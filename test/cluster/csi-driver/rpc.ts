// How a call is answered and logged, whatever it does.
import { status } from '@grpc/grpc-js';
import type { handleUnaryCall } from '@grpc/grpc-js';
import type { CodeName } from './knobs.ts';

/** An answer other than OK, with the gRPC code that the CSI specification names for the case. */
export class RpcError extends Error {
  readonly code: status;

  constructor(codeName: CodeName, message: string) {
    super(message);
    this.code = status[codeName];
  }
}

type Work<Request, Response> = (request: Request, signal: AbortSignal) => Response | Promise<Response>;

/**
 * Wraps the work of one method into a gRPC handler. The signal is aborted when the caller gives up.
 * Errors other than RpcError are answered as INTERNAL. One line per call goes to stderr: method, name, result, ms.
 */
export function unary<Request extends object, Response>(
  work: Work<Request, Response>,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const startedMs = performance.now();
    const gaveUp = new AbortController();
    call.on('cancelled', () => {
      gaveUp.abort();
    });
    void resultOf(work, call.request, gaveUp.signal).then(({ error, response }) => {
      const method = call.getPath().split('/').at(-1) ?? '';
      const result = error === null ? 'OK' : `${status[error.code]} "${error.details}"`;
      console.error(`${method} ${subjectOf(call.request)} ${result} ${(performance.now() - startedMs).toFixed(1)} ms`);
      callback(error, response);
    });
  };
}

interface Result<Response> {
  error: { code: status; details: string } | null;
  response: Response | null;
}

async function resultOf<Request, Response>(
  work: Work<Request, Response>,
  request: Request,
  signal: AbortSignal,
): Promise<Result<Response>> {
  try {
    return { error: null, response: await work(request, signal) };
  } catch (error) {
    if (signal.aborted) return refused(status.CANCELLED, 'the caller gave up');
    if (error instanceof RpcError) return refused(error.code, error.message);
    return refused(status.INTERNAL, String(error));
  }
}

function refused(code: status, details: string): Result<never> {
  return { error: { code, details }, response: null };
}

const namingFields = ['name', 'volume_id', 'snapshot_id', 'group_snapshot_id', 'source_volume_id'];

function subjectOf(request: object): string {
  const fields = new Map<string, unknown>(Object.entries(request));
  const names = namingFields.map((field) => fields.get(field)).filter((value) => typeof value === 'string');
  return names.find((name) => name !== '') ?? '-';
}
