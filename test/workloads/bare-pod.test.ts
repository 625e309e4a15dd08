import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../src/cluster/objects.ts';
import { manifestOfPod } from '../../src/workloads/bare-pod.ts';
import { pod } from './objects.ts';

test('what the server, the scheduler and kubectl debug have put into a pod is left out of its manifest', () => {
  const bare = pod('one', { claims: ['data'] });
  const token = { name: 'kube-api-access-x2x4z', projected: {} };
  const mounts = [{ name: 'volume' }, { name: token.name }].map((mount) => ({ ...mount, mountPath: '/' }));
  const running = {
    ...bare,
    spec: {
      ...bare.spec,
      containers: [{ name: 'db', volumeMounts: mounts }],
      volumes: [...(bare.spec?.volumes ?? []), token],
      ephemeralContainers: [{ name: 'debugger' }],
    },
  } as Pod;
  const { spec, metadata } = manifestOfPod(running) as Pod;
  assert.deepEqual(Object.keys(spec ?? {}).toSorted(), ['containers', 'volumes']);
  assert.deepEqual(
    [spec?.volumes?.length, spec?.containers[0]?.volumeMounts?.map(({ name }) => name), metadata.uid],
    [1, ['volume'], undefined],
  );
});
