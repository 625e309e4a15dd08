/** Operations' records: a ConfigMap each, with the plan and how far it is. What recovery needs stands on volumes too. */
import type { Cluster } from '../cluster/cluster.ts';
import { onFreshObject } from '../cluster/conflict.ts';
import type { ConfigMap } from '../cluster/objects.ts';
import { untilCertain } from '../cluster/uncertain.ts';
import { configMaps } from '../cluster/resources.ts';
import { isClusterError } from '../errors.ts';
import { operationMark } from './marks.ts';
import { parsePlan } from './parse-plan.ts';
import type { Plan, StepName } from './plan.ts';
import { stepNames } from './plan.ts';

type Phase = StepName | 'completed' | 'failed';

export interface Recorded {
  plan: Plan;
  phase: Phase;
  /** The step that was begun last. */
  step: StepName;
  /** Of one that failed: what happened, untrusted text. */
  message?: string;
  /** The undo that has taken its volumes over. */
  undoneBy?: string;
  /** A commit of it has begun: some of what it parked may be gone. */
  isCommitting?: true;
  /** RFC 3339. */
  startedAt?: string;
  changedAt?: string;
}

/** It has not come to its end, and no undo has taken it over. */
export function isOpen({ phase, undoneBy }: Recorded): boolean {
  return phase !== 'completed' && undoneBy === undefined;
}

export function recordName(operation: string): string {
  return `pvsnap-${operation}`;
}

/** @param namespace undefined: all of them */
export async function readRecords(cluster: Cluster, namespace: string | undefined): Promise<Recorded[]> {
  const found = await cluster.list(configMaps, { namespace, labelSelector: operationMark });
  return found.flatMap((record) => recordedOf(record) ?? []);
}

/** @returns undefined when there is none, or none that can be understood */
export async function findRecord(
  cluster: Cluster,
  namespace: string,
  operation: string,
): Promise<Recorded | undefined> {
  const record = await cluster.find(configMaps, recordName(operation), namespace);
  return record === undefined ? undefined : recordedOf(record);
}

/** An operation without a record has nobody to tell. */
export function markUndone(cluster: Cluster, namespace: string, operation: string, undoneBy: string): Promise<void> {
  return forgiving(async () => {
    await cluster.patch(configMaps, { name: recordName(operation), namespace }, { data: { undoneBy } });
  });
}

/** Another undo's mark is left alone. */
export function unmarkUndone(cluster: Cluster, namespace: string, operation: string, undoneBy: string): Promise<void> {
  return onFreshObject(async () => {
    const record = await cluster.find(configMaps, recordName(operation), namespace);
    if (record?.data?.undoneBy !== undoneBy) return;
    const { resourceVersion } = record.metadata;
    await cluster.patch(configMaps, record.metadata, { metadata: { resourceVersion }, data: { undoneBy: null } });
  });
}

/** Before the first volume is given up. */
export function markCommitting(cluster: Cluster, namespace: string, operation: string): Promise<void> {
  return forgiving(async () => {
    await cluster.patch(configMaps, { name: recordName(operation), namespace }, { data: { committing: 'true' } });
  });
}

export function removeRecord(cluster: Cluster, namespace: string, operation: string): Promise<void> {
  return forgiving(() => cluster.delete(configMaps, { name: recordName(operation), namespace }, {}));
}

/** Of a record that may be gone. Asked for again after a lost answer: such a patch or deletion may be done twice. */
async function forgiving(work: () => Promise<void>): Promise<void> {
  try {
    await untilCertain(work);
  } catch (error) {
    if (!isClusterError(error, 'NotFound')) throw error;
  }
}

/**
 * Whoever may write ConfigMaps may have written it, and whoever reads it may do more: a plan about another namespace
 * or another operation isn't believed. Steps ask the cluster before they believe the rest.
 */
export function recordedOf({ metadata, data = {} }: ConfigMap): Recorded | undefined {
  const plan = parsePlan(data.plan);
  if (plan?.namespace !== metadata.namespace || recordName(plan?.operation ?? '') !== metadata.name) return undefined;
  const { phase = '', message, undoneBy, committing, startedAt, changedAt } = data;
  const step = asStep(data.step ?? '') ?? asStep(phase) ?? plan?.steps[0];
  if (plan === undefined || step === undefined) return undefined;
  return {
    plan,
    phase: phase === 'completed' || phase === 'failed' ? phase : step,
    step,
    ...(message !== undefined && { message }),
    ...(undoneBy !== undefined && { undoneBy }),
    ...(committing !== undefined && { isCommitting: true }),
    ...(startedAt !== undefined && { startedAt }),
    ...(changedAt !== undefined && { changedAt }),
  };
}

function asStep(text: string): StepName | undefined {
  return stepNames.find((name) => name === text);
}
