/** A node that is a test's own, which may go while other tests run: no pod gets there but those that are sent there. */
import type { TestContext } from 'node:test';
import type { V1Node } from '@kubernetes/client-node';
import type { KubeObject } from '../cluster/api.ts';
import type { TestNamespace } from '../cluster/namespace.ts';
import type { ClaimOptions } from '../cluster/objects.ts';
import { statefulSet } from '../cluster/objects.ts';
import { isRolledOut } from '../cluster/states.ts';
import { fill } from './restore-app.ts';

const TAINT = 'test.pvsnap.io/own';
/** What kwok leaves alone: nothing on a node that is cut off hears of a deletion. */
const CUT_OFF = 'test.pvsnap.io/cut-off';

export interface OwnNode {
  name: string;
  /** The node ceases to exist, and so does whatever ran there; the pods are still written down. */
  goes: () => Promise<void>;
  /** It is there again, and what runs on it hears what it has missed. */
  comesBack: () => Promise<void>;
}

/** In zone-a, as node-a is. */
export async function openNode(t: TestContext, namespace: TestNamespace): Promise<OwnNode> {
  const { api } = namespace;
  const name = `node-of-${namespace.name}`;
  const make = async (): Promise<void> => {
    for (const object of nodeObjects(name)) await api.create(object);
    await namespace.waitFor<V1Node>('Node', name, ({ spec }) => spec?.taints?.length === 1);
  };
  let isThere = true;
  const remove = async (): Promise<void> => {
    if (!isThere) return;
    isThere = false;
    await Promise.all([api.delete('CSINode', name), api.delete('Node', name)]);
  };
  await make();
  t.after(remove);
  return {
    name,
    goes: async () => {
      await namespace.kubectl('label', 'pods', '--all', `${CUT_OFF}=true`);
      await remove();
    },
    comesBack: async () => {
      await make();
      isThere = true;
      await namespace.kubectl('label', 'pods', '--all', `${CUT_OFF}-`);
    },
  };
}

/** A StatefulSet `db` with one pod, on this node alone. @returns its claims, each with the text `before` */
export async function runOnNode(
  namespace: TestNamespace,
  { name }: OwnNode,
  options: ClaimOptions = {},
): Promise<string[]> {
  const made = statefulSet('db', { ...options, replicas: 1 });
  const { template } = made.spec as { template: { spec: object } };
  Object.assign(template.spec, {
    nodeSelector: { 'kubernetes.io/hostname': name },
    tolerations: [{ key: TAINT, operator: 'Exists' }],
  });
  await namespace.apply([made]);
  await namespace.waitFor('StatefulSet', 'db', isRolledOut);
  await fill(namespace, ['data-db-0'], 'before');
  return ['data-db-0'];
}

function nodeObjects(name: string): KubeObject[] {
  const topology = 'topology.hostdir.csi.pvsnap.io/zone';
  const labels = { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': 'zone-a', [topology]: 'zone-a' };
  const driver = { name: 'hostdir.csi.pvsnap.io', nodeID: name, topologyKeys: [topology] };
  return [
    {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels },
      spec: { taints: [{ key: TAINT, effect: 'NoSchedule' }] },
    },
    { apiVersion: 'storage.k8s.io/v1', kind: 'CSINode', metadata: { name }, spec: { drivers: [driver] } },
  ];
}
