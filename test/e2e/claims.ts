/** Claims to take sets of, and the snapshots that came of it. */
import type { TestContext } from 'node:test';
import type { KubeObject } from '../cluster/api.ts';
import { openNamespace, type TestNamespace } from '../cluster/namespace.ts';
import { claim, type ClaimOptions } from '../cluster/objects.ts';
import { isBound, type SnapshotState } from '../cluster/states.ts';
import { waitUntil } from './kubectl.ts';

export interface SnapshotObject extends KubeObject, SnapshotState {
  metadata: KubeObject['metadata'] & { uid?: string };
  spec: { source: { persistentVolumeClaimName: string }; volumeSnapshotClassName: string };
}

/** A namespace with bound claims of these names. */
export async function openClaims(test: TestContext, names: string[], options?: ClaimOptions): Promise<TestNamespace> {
  const namespace = await openNamespace(test);
  await namespace.apply(names.map((name) => claim(name, options)));
  await Promise.all(names.map((name) => namespace.waitFor('PersistentVolumeClaim', name, isBound)));
  return namespace;
}

/** So many snapshots may there be in the namespace; the server refuses more. */
export async function limitSnapshots(namespace: TestNamespace, count: number): Promise<void> {
  await namespace.kubectl('create', 'quota', 'few', `--hard=count/volumesnapshots.snapshot.storage.k8s.io=${count}`);
  await waitUntil(namespace, 'quota/few', '--for=jsonpath={.status.used}');
}

/** The snapshots that stand in the namespace, in the order of their claims' names. */
export async function snapshotsIn(namespace: TestNamespace, ...args: string[]): Promise<SnapshotObject[]> {
  const { stdout } = await namespace.kubectl('get', 'volumesnapshots', '-o=json', ...args);
  return snapshotsOf(stdout);
}

/** @param list as JSON, as kubectl and `create -o json` print it */
export function snapshotsOf(list: string): SnapshotObject[] {
  const { items } = JSON.parse(list) as { items: SnapshotObject[] };
  return items.sort((a, b) => (claimOf(a) < claimOf(b) ? -1 : 1));
}

export function claimOf({ spec }: SnapshotObject): string {
  return spec.source.persistentVolumeClaimName;
}
