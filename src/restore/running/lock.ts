/**
 * Keeps two operations off the same claims: the Lease `pvsnap` of the namespace, as client-go's leader election holds
 * one. It expires when its holder stops renewing it.
 */
import { hostname, userInfo } from 'node:os';
import type { Cluster } from '../../cluster/cluster.ts';
import type { Lease } from '../../cluster/objects.ts';
import { createOnce } from '../../cluster/create-once.ts';
import { onFreshObject } from '../../cluster/conflict.ts';
import { leases } from '../../cluster/resources.ts';
import { openWatch } from '../../cluster/watch.ts';
import { FailedError, RefusedError, isClusterError } from '../../errors.ts';

const name = 'pvsnap';
const durationSeconds = 30;
/** A Lease that something else wrote may name any duration. */
const longestWaitSeconds = 60;
/** Four in a Lease: one that is lost does no harm. */
const renewMs = 6_000;

export interface Lock {
  /** Aborted when the Lease could not be renewed in time: somebody else may take it, so nothing more may be done. */
  readonly lost: AbortSignal;
  /** Asked right before every write: a process that was put to sleep hears of nothing. @throws FailedError */
  checkHeld(): void;
  release(): Promise<void>;
}

interface Claimant {
  namespace: string;
  operation: string;
  /** Operations that are taken up where they were left: whoever holds the Lease for them may well be dead. */
  after?: readonly string[];
}

/** @throws RefusedError when another run holds it and lives; says who, and since when */
export async function acquireLock(
  cluster: Cluster,
  { namespace, operation, after = [] }: Claimant,
  signal: AbortSignal,
  onWait: (detail: string) => void,
): Promise<Lock> {
  // Two runs of one operation, by one user on one host, are two holders.
  const run = crypto.randomUUID().slice(0, 4);
  const holder = `${userName()}@${hostname()} ${operation} ${run}`;
  let held = await take(cluster, { namespace, holder, after, signal, onWait }).catch(async (error: unknown) => {
    // The answer may be lost, and the Lease made all the same.
    if (!(error instanceof RefusedError)) await letGo(cluster, namespace, holder);
    throw error;
  });
  const lost = new AbortController();
  let sinceRenewalMs = stopwatch();
  let renewal: Promise<void> | undefined;
  const lose = (): FailedError => {
    const error = new FailedError(
      `the Lease ${name} in namespace ${namespace} was lost: another operation may have begun`,
    );
    lost.abort(error);
    return error;
  };
  const renew = async (): Promise<void> => {
    // The Lease counts from before the request was sent; the answer may be long on its way.
    const sinceSentMs = stopwatch();
    try {
      held = await onFreshObject(() => renewLease(cluster, held));
      sinceRenewalMs = sinceSentMs;
    } catch (error) {
      if (error instanceof FailedError) lose();
    }
    renewal = undefined;
  };
  const timer = setInterval(() => {
    if (sinceRenewalMs() >= durationSeconds * 1000 - renewMs) lose();
    else renewal ??= renew();
  }, renewMs);
  return {
    lost: lost.signal,
    checkHeld: () => {
      lost.signal.throwIfAborted();
      if (sinceRenewalMs() >= durationSeconds * 1000) throw lose();
    },
    release: async () => {
      clearInterval(timer);
      await renewal;
      // One that ran out and that nobody took would keep the next operation waiting. The server may be out of reach.
      await letGo(cluster, namespace, holder, lost.signal.aborted ? 1 : 3);
    },
  };
}

/** The longer by two clocks: one stands still while the machine sleeps, the other may be set back. */
function stopwatch(): () => number {
  const [wallMs, runningMs] = [Date.now(), performance.now()];
  return () => Math.max(Date.now() - wallMs, performance.now() - runningMs);
}

/** Deletes the Lease if it is still this holder's. When that can't be, it expires by itself. */
async function letGo(cluster: Cluster, namespace: string, holder: string, tries = 3): Promise<void> {
  for (let attempt = 1; attempt <= tries; attempt++) {
    try {
      const present = await cluster.find(leases, name, namespace);
      if (present?.spec?.holderIdentity !== holder) return;
      const { uid, resourceVersion } = present.metadata;
      await cluster.delete(leases, { name, namespace }, { uid, resourceVersion });
      return;
    } catch {
      // The operation's own outcome is what counts.
    }
  }
}

/** Reads it anew: the answer to an earlier renewal may have been lost. @throws FailedError when somebody else has it */
async function renewLease(cluster: Cluster, held: Lease): Promise<Lease> {
  const present = await cluster.find(leases, name, held.metadata.namespace);
  if (present === undefined || present.spec?.holderIdentity !== held.spec?.holderIdentity) {
    throw new FailedError('the Lease has another holder');
  }
  return cluster.patch(leases, present.metadata, leaseTimes(present, { renewTime: microTime() }));
}

/** A uid without an entry in passwd, as in every pod on OpenShift, has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env.USER ?? `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}

interface Taking {
  namespace: string;
  holder: string;
  after: readonly string[];
  signal: AbortSignal;
  onWait: (detail: string) => void;
}

async function take(cluster: Cluster, taking: Taking): Promise<Lease> {
  const { namespace, holder, signal } = taking;
  const now = microTime();
  const spec = { holderIdentity: holder, leaseDurationSeconds: durationSeconds, acquireTime: now, renewTime: now };
  const lease: Lease = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace },
    spec,
  };
  try {
    return await createOnce(cluster, leases, lease, (existing) => existing.spec?.holderIdentity === holder, signal);
  } catch (error) {
    if (!isClusterError(error, 'AlreadyExists')) throw error;
  }
  const present = await cluster.find(leases, name, namespace);
  if (present === undefined) return take(cluster, taking);
  if (present.spec?.holderIdentity !== holder) await waitForSignOfLife(cluster, present, taking);
  return cluster.patch(leases, present.metadata, leaseTimes(present, { ...spec, renewTime: microTime() }));
}

/**
 * Two clocks may differ, so that a renewal of now looks old here. As in client-go's leader election, a holder is dead
 * only when its Lease hasn't changed for its whole duration while we looked.
 * @throws RefusedError when the holder lives
 */
async function waitForSignOfLife(
  cluster: Cluster,
  present: Lease,
  { namespace, after, signal, onWait }: Taking,
): Promise<void> {
  const holder = present.spec?.holderIdentity ?? 'unknown';
  const isLeft = holder.split(' ').some((word) => after.includes(word));
  if (!looksExpired(present) && !isLeft) throw heldBy(present, namespace);
  const waitSeconds = Math.min(present.spec?.leaseDurationSeconds ?? durationSeconds, longestWaitSeconds);
  const look = looksExpired(present) ? 'looks expired' : 'may be left behind';
  onWait(`the Lease ${name} of ${holder} ${look}: waiting ${waitSeconds} s to be sure that it is dead`);
  const watch = await openWatch(cluster, leases, { namespace, fieldSelector: `metadata.name=${name}` });
  const silent = AbortSignal.timeout(waitSeconds * 1000);
  try {
    const { resourceVersion } = present.metadata;
    const isChanged = (objects: ReadonlyMap<string, Lease>): true | undefined =>
      objects.get(name)?.metadata.resourceVersion !== resourceVersion || undefined;
    await watch.until(isChanged, AbortSignal.any([signal, silent]));
  } catch (error) {
    if (silent.aborted && !signal.aborted) return;
    throw error;
  } finally {
    watch.close();
  }
  throw heldBy(present, namespace);
}

/** The resourceVersion makes the server refuse when somebody else was faster. */
function leaseTimes({ metadata }: Lease, spec: object): object {
  return { metadata: { resourceVersion: metadata.resourceVersion }, spec };
}

function looksExpired({ spec }: Lease): boolean {
  const renewedMs = Date.parse(spec?.renewTime ?? '');
  return Number.isNaN(renewedMs) || renewedMs + (spec?.leaseDurationSeconds ?? 0) * 1000 < Date.now();
}

function heldBy({ spec }: Lease, namespace: string): RefusedError {
  return new RefusedError(
    `another operation is at work in namespace ${namespace}: ${spec?.holderIdentity ?? 'unknown'}, ` +
      `since ${spec?.acquireTime ?? 'unknown'}; wait until it has ended, or stop it there (Ctrl-C)`,
  );
}

/** MicroTime of meta/v1: six digits. */
function microTime(): string {
  return new Date().toISOString().replace('Z', '000Z');
}
