import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KubeObject, Pod } from '../../../src/cluster/objects.ts';
import type { Plan, PlanWorkload, StepName } from '../../../src/restore/plan.ts';
import type { ObservedWorkloads } from '../../../src/restore/planning/observe-workloads.ts';
import { observeWorkloads } from '../../../src/restore/planning/observe-workloads.ts';
import type { Recorded } from '../../../src/restore/records.ts';
import type { Owner } from '../../../src/workloads/owner.ts';
import type { StopChoices } from '../../../src/workloads/stop-choices.ts';
import { noChoices } from '../../../src/workloads/stop-choices.ts';
import { deployment, namespace, pod, statefulSet } from '../../workloads/objects.ts';
import { storedCluster } from '../../workloads/stored.ts';

const claims = new Set(['data-db-0']);
const running = statefulSet('db', 1);
const planned = { kind: 'statefulset', name: 'db', uid: 'uid-sts-db', replicas: 3 };

function recordOf(workloads: PlanWorkload[], parts: Partial<Plan> = {}, step: StepName = 'swap'): Recorded {
  const steps: StepName[] = ['stage', 'retain', 'stop', 'swap', 'start', 'settle'];
  const base = { operation: 'restore-aaaaa', namespace, kind: 'restore', source: { name: 'one' }, members: [] };
  return { plan: { ...base, workloads, steps, notes: [], ...parts } as unknown as Plan, phase: step, step };
}

function observe(objects: KubeObject[], recorded: Recorded, said?: StopChoices): Promise<ObservedWorkloads> {
  return observeWorkloads(storedCluster({ objects }).cluster, namespace, claims, {
    operation: recorded.plan.operation,
    recorded,
    said,
  });
}

/** An operator elsewhere, at 0 and held by these operations. */
function heldOperator(...by: string[]): KubeObject {
  const changes = [{ path: ['spec', 'replicas'], before: 2, during: 0 }];
  const annotations = { 'pvsnap.io/held': JSON.stringify({ by, changes }) };
  return deployment('op', 0, 'none', { namespace: 'operators', annotations });
}

const owner: Owner = {
  role: 'operator',
  resource: { group: 'apps', version: 'v1', plural: 'deployments', kind: 'Deployment', namespaced: true },
  namespace: 'operators',
  name: 'op',
  uid: 'uid-deploy-op',
  changes: [],
  how: 'scale',
};

describe('of a record, which whoever may write ConfigMaps may have written', () => {
  test('the replicas of before are believed of what uses the claims now', async () => {
    const { workloads } = await observe([running], recordOf([planned]));
    assert.deepEqual(workloads, [planned]);
  });

  test('nothing else is: not another name or way under the uid of what uses them', async () => {
    const manifest = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'evil', namespace: 'kube-system' } };
    for (const forged of [
      { ...planned, kind: 'pod', name: 'evil', how: 'remake', manifest },
      { ...planned, kind: 'deployment', name: 'payments' },
    ] as PlanWorkload[]) {
      const { workloads } = await observe([running], recordOf([forged]));
      assert.deepEqual(workloads, [{ ...planned, replicas: 1 }]);
    }
  });

  test('a bare pod that uses them is made again as it is, not as the record has it', async () => {
    const bare: Pod = pod('one', { claims: ['data-db-0'] });
    const manifest = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'one' }, spec: { hostNetwork: true } };
    const forged: PlanWorkload = { kind: 'pod', name: 'one', uid: 'uid-pod-one', replicas: 1, how: 'remake', manifest };
    const choices = { ...noChoices, deleteBarePods: true };
    const { workloads } = await observe([bare], recordOf([forged]), choices);
    assert.deepEqual(
      workloads.map((workload) => (workload.manifest as Pod | undefined)?.spec?.hostNetwork),
      [undefined],
    );
  });

  const choices: StopChoices = {
    ...noChoices,
    stop: [{ kind: 'deployment', name: 'op', namespace: 'operators' }],
  };

  test('an operator of another namespace that it names with --stop is not stopped: it must be said again', async () => {
    const other = deployment('op', 2, 'none', { namespace: 'operators' });
    for (const step of ['retain', 'swap'] as const) {
      const { owners, findings } = await observe([running, other], recordOf([planned], { choices }, step));
      assert.deepEqual(owners, []);
      assert.match(JSON.stringify(findings), /say it again.*--stop operators\/deployment\/op/);
    }
  });

  test('unless the operation holds it, or it is said', async () => {
    const recorded = recordOf([planned], { choices, owners: [owner] });
    for (const said of [undefined, choices]) {
      const objects = [running, heldOperator(`${namespace}/restore-aaaaa`)];
      const { owners, findings } = await observe(objects, recorded, said);
      assert.deepEqual([owners.map(({ name, changes }) => [name, changes[0]?.before]), findings], [[['op', 2]], []]);
    }
  });

  test('one of its own namespace is stopped', async () => {
    const own = { ...choices, stop: [{ kind: 'deployment', name: 'op', namespace }] };
    const { owners } = await observe([running, deployment('op', 2, 'none')], recordOf([planned], { choices: own }));
    assert.deepEqual(
      owners.map(({ name }) => name),
      ['op'],
    );
  });
});

describe('what an operation holds', () => {
  const undo = {
    kind: 'undo',
    operation: 'undo-bbbbb',
    undoes: 'restore-aaaaa',
    owners: [owner],
  } satisfies Partial<Plan>;
  const held = async (recorded: Recorded, ...by: string[]): Promise<ObservedWorkloads> => {
    const objects = [statefulSet('db', 0), heldOperator(...by)];
    return observe(objects, recorded);
  };

  for (const step of ['retain', 'swap', 'start'] as const) {
    test(`an undo that was interrupted in ${step} starts what was stopped by what it undoes, and lets go of it`, async () => {
      const { workloads, owners } = await held(recordOf([planned], undo, step), `${namespace}/restore-aaaaa`);
      assert.deepEqual(workloads, [planned]);
      assert.deepEqual(
        owners.map(({ name, changes }) => [name, changes[0]?.before]),
        [['op', 2]],
      );
    });
  }

  test('an undo of an undo lets go of what the first operation holds', async () => {
    const redo = { ...undo, operation: 'undo-ccccc', undoes: 'undo-bbbbb', takesOver: ['restore-aaaaa'] };
    const { owners } = await held(recordOf([planned], redo), `${namespace}/restore-aaaaa`);
    assert.deepEqual(
      owners.map(({ name }) => name),
      ['op'],
    );
  });

  test('one whose note somebody has taken away, or whose kind is not served, is told of', async () => {
    const changes = [{ path: ['spec', 'replicas'], before: 2, during: 0 }];
    const kafka = {
      ...owner,
      resource: { ...owner.resource, group: 'kafka.io', kind: 'Kafka' },
      uid: 'gone',
      name: 'my',
    };
    const recorded = recordOf([planned], { owners: [{ ...owner, changes }, kafka] });
    const bare = deployment('op', 0, 'none', { namespace: 'operators' });
    const { owners, notes } = await observe([statefulSet('db', 0), bare], recorded);
    assert.deepEqual(owners, []);
    assert.match(notes.join('\n'), /deployment\/op is as this operation leaves it.*\nkafka\/my may be held still/);
  });

  test("another namespace's operation of the same name is another", async () => {
    const { owners } = await held(recordOf([planned], { owners: [owner] }), 'other/restore-aaaaa');
    assert.deepEqual(owners, []);
  });

  test('a restore that was interrupted before its stop has stopped nothing', async () => {
    const { workloads } = await held(recordOf([planned], {}, 'retain'));
    assert.deepEqual(workloads, []);
  });
});
