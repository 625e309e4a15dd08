/** Keeps the operation's record up to date while it runs. */
import type { Cluster } from '../../cluster/cluster.ts';
import { createOnce } from '../../cluster/create-once.ts';
import type { ConfigMap } from '../../cluster/objects.ts';
import { configMaps } from '../../cluster/resources.ts';
import { mayBeDone, untilCertain } from '../../cluster/uncertain.ts';
import { FailedError, reasonOf } from '../../errors.ts';
import { operationMark } from '../marks.ts';
import type { Plan, StepName } from '../plan.ts';
import { recordName, removeRecord } from '../records.ts';
import { undoCommand } from './whereabouts.ts';

export interface OperationRecord {
  /** Written before the step begins. */
  enter(step: StepName): Promise<void>;
  /** What happened, in words. The step stays. */
  fail(message: string): Promise<void>;
  complete(): Promise<void>;
  /** What is to be put back must stand there before it is changed. */
  replacePlan(plan: Plan): Promise<void>;
  /** When nothing of the operation is left. */
  remove(): Promise<void>;
}

/** @param isResumed its record is there already */
export async function openRecord(cluster: Cluster, plan: Plan, isResumed: boolean): Promise<OperationRecord> {
  const { operation, namespace } = plan;
  const name = recordName(operation);
  if (!isResumed) await createRecord(cluster, plan);
  const write = async (data: Record<string, string | null>): Promise<void> => {
    const patch = { data: { ...data, changedAt: new Date().toISOString() } };
    await untilCertain(() => cluster.patch(configMaps, { name, namespace }, patch));
  };
  return {
    enter: (step) => write({ phase: step, step, message: null }),
    fail: (message) => write({ phase: 'failed', message }),
    complete: () => write({ phase: 'completed', message: null }),
    replacePlan: (changed) => write({ plan: JSON.stringify(changed) }),
    remove: () => removeRecord(cluster, namespace, operation),
  };
}

async function createRecord(cluster: Cluster, plan: Plan): Promise<void> {
  const { operation, namespace, steps } = plan;
  const [first = 'settle'] = steps;
  const record: ConfigMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: recordName(operation), namespace, labels: { [operationMark]: operation } },
    data: { plan: JSON.stringify(plan), phase: first, step: first, startedAt: new Date().toISOString() },
  };
  try {
    await createOnce(cluster, configMaps, record, ({ data }) => data?.plan === record.data?.plan);
  } catch (error) {
    if (!mayBeDone(error)) throw error;
    const what = 'Nothing was begun, but its record may be there; to remove it, if get operations shows it';
    throw new FailedError(`${reasonOf(error)}\n${what}:\n${undoCommand(plan)}`, { cause: error });
  }
}
