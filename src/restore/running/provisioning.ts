/** Makes claims from snapshots, and waits until the driver has provisioned all of them. */
import type { Claim } from '../../cluster/objects.ts';
import { together } from '../../cluster/together.ts';
import { claims } from '../../cluster/resources.ts';
import { CancelledError, FailedError, reasonOf } from '../../errors.ts';
import { operationMark } from '../marks.ts';
import type { RestoreMember, RestorePlan } from '../plan.ts';
import { selectedNode } from '../staging-claim.ts';
import type { RunContext } from './context.ts';
import type { Warnings } from './warnings.ts';
import { watchWarnings } from './warnings.ts';

interface Provisioning {
  step: 'stage' | 'replace';
  /** Makes the claim of a member, once the watch of claims is open. */
  make: (member: RestoreMember) => Promise<unknown>;
  /** Ends the wait until they are Bound. */
  signal: AbortSignal;
}

/** @throws FailedError when a claim is lost or no node is left to try, with the driver's words; CancelledError */
export async function provision(
  context: RunContext<RestorePlan>,
  members: readonly RestoreMember[],
  { step, make, signal }: Provisioning,
): Promise<void> {
  const watch = await context.watchOf(claims);
  const tell = (detail: string | undefined): void => {
    report(context, step, watch.objects, detail);
  };
  const warnings = await watchWarnings(context, members, tell);
  try {
    tell(undefined);
    await together(members.map(make));
    await untilAllBound(context, members, signal, () => {
      tell(warnings.latest());
    });
  } catch (error) {
    throw error instanceof CancelledError ? error : await withWords(error, warnings);
  } finally {
    warnings.close();
  }
}

/** The driver's words belong to the error: the line of progress that showed them may be far above. */
async function withWords(error: unknown, warnings: Warnings): Promise<Error> {
  const isLate = error instanceof DOMException && error.name === 'TimeoutError';
  const end = isLate ? 'the volumes were not provisioned before the deadline (--timeout)' : reasonOf(error);
  const words = await warnings.lastWords();
  return new FailedError(words === undefined ? end : `${end}; ${words}`, { cause: error });
}

/** One that fails for good ends the wait for the others. */
async function untilAllBound(
  context: RunContext<RestorePlan>,
  members: readonly RestoreMember[],
  signal: AbortSignal,
  onBound: () => void,
): Promise<void> {
  const failed = new AbortController();
  const ends = AbortSignal.any([signal, failed.signal]);
  await together(
    members.map(async (member) => {
      try {
        await untilBound(context, member, ends);
        onBound();
      } catch (error) {
        failed.abort(error);
        throw error;
      }
    }),
  );
}

/** On a class that waits for a consumer, tries one node after the other; each has its turn once. */
async function untilBound(context: RunContext<RestorePlan>, member: RestoreMember, signal: AbortSignal): Promise<void> {
  const { cluster, plan } = context;
  const watch = await context.watchOf(claims);
  const name = member.staging;
  if (member.nodes.length === 0) {
    await watch.until((objects) => isBound(objects.get(name), member), signal);
    return;
  }
  for (const [turn, node] of member.nodes.entries()) {
    if (turn > 0) {
      const annotations = { [selectedNode]: node };
      await cluster.patch(claims, { name, namespace: plan.namespace }, { metadata: { annotations } });
    }
    // The watch lags: the node must have been seen on the claim before its absence means anything.
    await watch.until(
      (objects) => isBound(objects.get(name), member) ?? (nodeOf(objects.get(name)) === node || undefined),
      signal,
    );
    const bound = await watch.until((objects) => {
      const claim = objects.get(name);
      if (isBound(claim, member) === true) return 'bound';
      // The provisioner takes the node off when it can't provision there (external-provisioner: rescheduling).
      return claim !== undefined && nodeOf(claim) === undefined ? 'refused' : undefined;
    }, signal);
    if (bound === 'bound') return;
  }
  throw new FailedError(`${member.claim}: no storage can be provisioned for node ${member.nodes.join(' or ')}`);
}

/** @returns true or undefined, never false: for a wait */
function isBound(claim: Claim | undefined, member: RestoreMember): true | undefined {
  if (claim?.metadata.deletionTimestamp !== undefined || claim?.status?.phase === 'Lost') {
    throw new FailedError(`claim ${member.staging} was deleted, or lost its volume, while it was being provisioned`);
  }
  return claim?.status?.phase === 'Bound' ? true : undefined;
}

function nodeOf(claim: Claim | undefined): string | undefined {
  return claim?.metadata.annotations?.[selectedNode];
}

function report(
  { plan, report: tell }: RunContext<RestorePlan>,
  step: Provisioning['step'],
  objects: ReadonlyMap<string, Claim>,
  detail: string | undefined,
): void {
  const isDone = (claim: Claim | undefined): boolean =>
    claim?.status?.phase === 'Bound' && claim.metadata.annotations?.[operationMark] === plan.operation;
  const done = plan.members.filter(({ staging }) => isDone(objects.get(staging))).length;
  tell({ step, done, total: plan.members.length, ...(detail !== undefined && { detail }) });
}
