/** Makes claims from snapshots, and waits until the driver has provisioned all of them. */
import type { Claim } from '../../cluster/objects.ts';
import { isSince } from '../../cluster/since.ts';
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
  const seen = await watch.until((objects) => objects.get(name), signal);
  if (member.nodes.length === 0) {
    await watch.until((objects) => isBound(objects.get(name), member) || undefined, signal);
    return;
  }
  const first = nodeOf(seen);
  for (const node of nodesFrom(first, member.nodes)) {
    const change = { metadata: { annotations: { [selectedNode]: node } } };
    const asked = node === first ? seen : await cluster.patch(claims, { name, namespace: plan.namespace }, change);
    const end = await watch.until((objects) => {
      const claim = objects.get(name);
      if (isBound(claim, member)) return 'bound';
      // The provisioner takes the node off when it can't provision there (external-provisioner: rescheduling), perhaps
      // before the watch has shown it.
      const isRefused = claim !== undefined && isSince(claim, asked) && nodeOf(claim) === undefined;
      return isRefused ? 'refused' : undefined;
    }, signal);
    if (end === 'bound') return;
  }
  throw new FailedError(`${member.claim}: no storage can be provisioned for node ${member.nodes.join(' or ')}`);
}

/** A run that was interrupted had come so far: that node is being tried, or none since the last one was refused. */
function nodesFrom(asked: string | undefined, nodes: readonly string[]): string[] {
  const first = Math.max(0, nodes.indexOf(asked ?? ''));
  return [...nodes.slice(first), ...nodes.slice(0, first)];
}

/** @throws FailedError when it will never be */
function isBound(claim: Claim | undefined, member: RestoreMember): boolean {
  if (claim === undefined || claim.metadata.deletionTimestamp !== undefined || claim.status?.phase === 'Lost') {
    throw new FailedError(`claim ${member.staging} was deleted, or lost its volume, while it was being provisioned`);
  }
  return claim.status?.phase === 'Bound';
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
