// How big a volume becomes. Nothing limits what is written to its directory: the size is a number, checked as such.
import type { CapacityRange } from './messages.ts';
import { RpcError } from './rpc.ts';

export interface SizeLimits {
  /** 0 when none is asked for. */
  requiredBytes: number;
  /** Infinity when none is asked for. */
  limitBytes: number;
}

const defaultSizeBytes = 1024 ** 3;

/** @throws RpcError INVALID_ARGUMENT when no size can satisfy both */
export function readSizeLimits(range: CapacityRange | null): SizeLimits {
  const requiredBytes = Number(range?.required_bytes ?? 0);
  const limitBytes = Number(range?.limit_bytes ?? 0) || Infinity;
  if (requiredBytes < 0 || limitBytes < requiredBytes) {
    throw new RpcError('INVALID_ARGUMENT', `no size is at least ${requiredBytes} and at most ${limitBytes} bytes`);
  }
  return { requiredBytes, limitBytes };
}

/**
 * What is required; when nothing is, the source's size, else 1 GiB.
 * @throws RpcError OUT_OF_RANGE when that is less than the source's size
 */
export function chooseSizeBytes({ requiredBytes, limitBytes }: SizeLimits, sourceBytes = 0): number {
  const sizeBytes = Math.min(requiredBytes || sourceBytes || defaultSizeBytes, limitBytes);
  if (sizeBytes >= sourceBytes) return sizeBytes;
  throw new RpcError('OUT_OF_RANGE', `${sizeBytes} bytes are less than the source's ${sourceBytes} bytes`);
}

export function isSizeAccepted({ requiredBytes, limitBytes }: SizeLimits, sizeBytes: number): boolean {
  return requiredBytes <= sizeBytes && sizeBytes <= limitBytes;
}
