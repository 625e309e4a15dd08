import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Volume } from '../../src/cluster/objects.ts';
import { ownPolicy, stagedVolume } from '../../src/restore/volumes.ts';
import { manifestOf } from '../../src/sets/manifest.ts';
import { boundClaim, namespace } from '../sets/objects.ts';
import { volumeFor } from './objects.ts';

function marked(name: string, role: string, claim: string, annotations: Record<string, string> = {}): Volume {
  const labels = { 'pvsnap.io/operation': 'restore-1', 'pvsnap.io/role': role };
  const manifest = JSON.stringify(manifestOf(boundClaim(claim)));
  return {
    ...volumeFor(name, { claimRef: { namespace, name: claim } }),
    metadata: { name, labels, annotations: { 'pvsnap.io/claim': manifest, ...annotations } },
  };
}

test('the staged volume of a claim is known by its operation, role, namespace and manifest', () => {
  const plan = { operation: 'restore-1', namespace };
  const all = [marked('v1', 'parked', 'a'), marked('v2', 'staged', 'b'), marked('v3', 'staged', 'a')];
  const known = new Map(all.map((volume) => [volume.metadata.name, volume]));
  assert.equal(stagedVolume(known, plan, 'a')?.metadata.name, 'v3');
  assert.equal(stagedVolume(known, plan, 'c'), undefined);
  assert.equal(stagedVolume(known, { ...plan, namespace: 'other' }, 'a'), undefined);
  assert.equal(stagedVolume(known, { ...plan, operation: 'restore-2' }, 'a'), undefined);
  const broken = marked('v4', 'staged', 'c', { 'pvsnap.io/claim': '{' });
  assert.equal(stagedVolume(new Map([['v4', broken]]), plan, 'c'), undefined);
});

describe('a volume’s own reclaim policy', () => {
  const kept = { persistentVolumeReclaimPolicy: 'Retain' };
  test('is what it says, when nobody keeps it', () => {
    assert.equal(ownPolicy(volumeFor('a')), 'Delete');
    assert.equal(ownPolicy(volumeFor('a', kept)), 'Retain');
    const leftover = {
      ...volumeFor('a'),
      metadata: { name: 'a', annotations: { 'pvsnap.io/reclaim-policy': 'Retain' } },
    };
    assert.equal(ownPolicy(leftover), 'Delete');
  });

  test('stands beside, when an operation keeps it', () => {
    const volume = { ...marked('v', 'parked', 'a', { 'pvsnap.io/reclaim-policy': 'Delete' }), spec: kept };
    assert.equal(ownPolicy(volume), 'Delete');
    assert.equal(ownPolicy({ ...marked('v', 'parked', 'a'), spec: kept }), 'Retain');
  });
});
