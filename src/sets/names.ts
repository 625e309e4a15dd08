/** Names of sets, snapshots and of what is staged. */
import { createHash } from 'node:crypto';
import { UsageError } from '../errors.ts';

/** The longest name of most objects (a DNS subdomain). */
const longestName = 253;
/** The longest value of a label, which a set's name is. */
const longestLabel = 63;

/**
 * A name for a snapshot as people write it by hand: `snapshot-<claim>-<epoch seconds>`.
 * @param epochSeconds the same for all members of a set
 */
export function snapshotName(claim: string, epochSeconds: number): string {
  return joinFitting(`snapshot-${claim}`, String(epochSeconds), longestName);
}

/** `<target>-<epoch seconds>`, from the first target's own name. */
export function defaultSetName(target: string, epochSeconds: number): string {
  return joinFitting(target.replaceAll('.', '-'), String(epochSeconds), longestLabel);
}

/** `<base>-<suffix>`, no longer than `longest`: what is cut off the base is replaced by a hash of the whole base. */
export function joinFitting(base: string, suffix: string, longest: number = longestName): string {
  const whole = `${base}-${suffix}`;
  if (whole.length <= longest) return whole;
  const hash = createHash('sha256').update(base).digest('hex').slice(0, 8);
  const kept = base.slice(0, longest - suffix.length - hash.length - 2).replace(/[-.]+$/, '');
  return `${kept}-${hash}-${suffix}`;
}

/** @throws UsageError unless it can be the value of a label and part of a name (RFC 1123 label) */
export function checkSetName(name: string): string {
  if (name.length <= longestLabel && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name)) return name;
  throw new UsageError(
    `--name "${name}": expected lower-case letters, digits and '-', at most ${longestLabel}, ` +
      'beginning and ending with a letter or digit',
  );
}
