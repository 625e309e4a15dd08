/** Provisions a claim from every snapshot while the workload runs. Nothing that exists is touched. */
import { createOnce } from '../../../cluster/create-once.ts';
import type { Claim } from '../../../cluster/objects.ts';
import { together } from '../../../cluster/together.ts';
import { claims } from '../../../cluster/resources.ts';
import { CancelledError, FailedError, reasonOf } from '../../../errors.ts';
import type { RunContext } from '../context.ts';
import { watchVolumes } from '../context.ts';
import { operationMark } from '../../marks.ts';
import type { PlanMember } from '../../plan.ts';
import { isAsNew } from '../../plan.ts';
import { selectedNode, stagingClaim } from '../../staging-claim.ts';
import { stagedVolume } from '../../volumes.ts';
import type { Warnings } from '../warnings.ts';
import { watchWarnings } from '../warnings.ts';

/** @throws FailedError when a staging claim is lost or no node is left to try; the signal's reason at the deadline */
export async function stage(context: RunContext, signal: AbortSignal): Promise<void> {
  const { cluster, plan } = context;
  const watch = await context.watchOf(claims);
  const missing = await membersToStage(context);
  const warnings = await watchWarnings(context, missing, (latest) => {
    report(context, watch.objects, latest);
  });
  const isOurs = ({ metadata }: Claim): boolean => metadata.labels?.[operationMark] === plan.operation;
  try {
    report(context, watch.objects, undefined);
    await together(
      missing.map((member) => createOnce(cluster, claims, stagingClaim(plan, member, member.nodes[0]), isOurs, signal)),
    );
    await untilAllBound(context, missing, signal, () => {
      report(context, watch.objects, warnings.latest());
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

/** A member whose volume is kept already needs no staging claim any more. */
async function membersToStage(context: RunContext): Promise<PlanMember[]> {
  if (isAsNew(context.plan)) return context.plan.members;
  const { objects } = await watchVolumes(context);
  return context.plan.members.filter(({ claim }) => stagedVolume(objects, claim) === undefined);
}

/** One that fails for good ends the wait for the others. */
async function untilAllBound(
  context: RunContext,
  members: readonly PlanMember[],
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
async function untilBound(context: RunContext, member: PlanMember, signal: AbortSignal): Promise<void> {
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
function isBound(claim: Claim | undefined, member: PlanMember): true | undefined {
  if (claim?.metadata.deletionTimestamp !== undefined || claim?.status?.phase === 'Lost') {
    throw new FailedError(`claim ${member.staging} was deleted, or lost its volume, while it was being provisioned`);
  }
  return claim?.status?.phase === 'Bound' ? true : undefined;
}

function nodeOf(claim: Claim | undefined): string | undefined {
  return claim?.metadata.annotations?.[selectedNode];
}

function report(
  { plan, report: tell }: RunContext,
  objects: ReadonlyMap<string, Claim>,
  detail: string | undefined,
): void {
  const done = plan.members.filter(({ staging }) => objects.get(staging)?.status?.phase === 'Bound').length;
  tell({ step: 'stage', done, total: plan.members.length, ...(detail !== undefined && { detail }) });
}
