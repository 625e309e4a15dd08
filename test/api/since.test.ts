import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../src/cluster/objects.ts';
import { isSince } from '../../src/cluster/since.ts';

const at = (resourceVersion: string): KubeObject => ({
  kind: 'X',
  apiVersion: 'v1',
  metadata: { name: 'x', resourceVersion },
});

test('what a watch shows is since a write when its version is that of the write, or a greater number', () => {
  assert.deepEqual(
    ['9', '10', '11', '100', '18446744073709551615'].map((version) => isSince(at(version), at('10'))),
    [false, true, true, true, true],
  );
  assert.equal(isSince(at('18446744073709551614'), at('18446744073709551615')), false);
});
