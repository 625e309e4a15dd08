/** The operation's record: its plan and how far it is, in a ConfigMap. What recovery needs stands on the volumes too. */
import type { Cluster } from '../../cluster/cluster.ts';
import { createOnce } from '../../cluster/create-once.ts';
import type { ConfigMap } from '../../cluster/objects.ts';
import { configMaps } from '../../cluster/resources.ts';
import { isClusterError } from '../../errors.ts';
import { operationMark } from '../marks.ts';
import type { Plan, StepName } from '../plan.ts';

type Phase = StepName | 'completed' | 'failed';

export interface OperationRecord {
  /** Written before the step begins. */
  enter(phase: Phase, message?: string): Promise<void>;
  /** What is to be put back must stand there before it is changed. */
  replacePlan(plan: Plan): Promise<void>;
  /** When nothing of the operation is left. */
  remove(): Promise<void>;
}

export async function openRecord(cluster: Cluster, plan: Plan): Promise<OperationRecord> {
  const { operation, namespace } = plan;
  const name = `pvsnap-${operation}`;
  const record: ConfigMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, labels: { [operationMark]: operation } },
    data: { plan: JSON.stringify(plan), phase: plan.steps[0] ?? 'completed', startedAt: new Date().toISOString() },
  };
  await createOnce(cluster, configMaps, record, ({ data }) => data?.plan === record.data?.plan);
  return {
    enter: async (phase, message) => {
      const data = { phase, message: message ?? null, changedAt: new Date().toISOString() };
      await cluster.patch(configMaps, { name, namespace }, { data });
    },
    replacePlan: async (changed) => {
      await cluster.patch(configMaps, { name, namespace }, { data: { plan: JSON.stringify(changed) } });
    },
    remove: async () => {
      try {
        await cluster.delete(configMaps, { name, namespace }, {});
      } catch (error) {
        if (!isClusterError(error, 'NotFound')) throw error;
      }
    },
  };
}
