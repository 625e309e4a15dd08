import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as pause } from 'node:timers/promises';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import type { Resource } from '../../../src/cluster/resources.ts';
import { readLeftovers } from '../../../src/velero/doctor/read-leftovers.ts';
import { backup, leftContent, leftSnapshot, restore } from './objects.ts';

test('what a restore makes that begins while it is read, is not taken for what one has left', async () => {
  let hasBegun = false;
  const list = async ({ plural }: Resource): Promise<object[]> => {
    switch (plural) {
      case 'volumesnapshots':
        await pause();
        hasBegun = true;
        return [leftSnapshot('a')];
      case 'volumesnapshotcontents':
        return [leftContent('a')];
      case 'backups':
        return [backup('nightly')];
      case 'restores':
        return hasBegun ? [restore('back', 'InProgress')] : [];
      default:
        return [];
    }
  };
  const scope = { namespace: undefined, veleroNamespace: undefined };
  const { removable } = await readLeftovers({ list } as unknown as Cluster, scope);
  assert.deepEqual(removable, []);
});
