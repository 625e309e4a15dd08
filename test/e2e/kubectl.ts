/** kubectl where it must do what it is told: afterwards that is so, or the test fails with its words. */
import assert from 'node:assert/strict';
import type { V1PersistentVolume, V1PersistentVolumeClaim } from '@kubernetes/client-node';
import type { TestNamespace } from '../cluster/namespace.ts';
import { isBound } from '../cluster/states.ts';

export async function kubectl(namespace: TestNamespace, ...words: string[]): Promise<void> {
  const { code, stderr } = await namespace.kubectl(...words);
  assert.equal(code, 0, `kubectl ${words.join(' ')}: ${stderr}`);
}

/** @param words what `kubectl wait` waits for */
export async function waitUntil(namespace: TestNamespace, ...words: string[]): Promise<void> {
  await kubectl(namespace, 'wait', ...words, '--timeout=120s');
}

/** Until those of their volumes are gone too that go with them, which is later. */
export async function deleteClaims(namespace: TestNamespace, ...names: string[]): Promise<void> {
  const volumes = await Promise.all(names.map((name) => volumeOf(namespace, name)));
  await kubectl(namespace, 'delete', 'pvc', ...names);
  const going = volumes.filter(({ spec }) => spec?.persistentVolumeReclaimPolicy === 'Delete');
  if (going.length > 0) {
    await waitUntil(namespace, '--for=delete', ...going.map(({ metadata }) => `pv/${metadata?.name ?? ''}`));
  }
}

/** A claim that has none yet gets one, which would go at any time. */
async function volumeOf(namespace: TestNamespace, claim: string): Promise<V1PersistentVolume> {
  const { spec } = await namespace.waitFor<V1PersistentVolumeClaim>('PersistentVolumeClaim', claim, isBound);
  return namespace.api.get<V1PersistentVolume>('PersistentVolume', spec?.volumeName ?? '');
}
