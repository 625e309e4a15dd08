import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Content } from '../../src/cluster/objects.ts';
import type { ClaimManifest } from '../../src/sets/manifest.ts';
import type { VolumeInfo } from '../../src/velero/volume-infos.ts';
import { skewMsOf, storedSnapshots, volumesOf } from '../../src/velero/volumes.ts';

const info = (claim: string, others: Partial<VolumeInfo> = {}): VolumeInfo => ({
  pvcName: claim,
  pvcNamespace: 'kafka',
  pvName: `pv-${claim}`,
  backupMethod: 'CSISnapshot',
  result: 'succeeded',
  skipped: false,
  skippedReason: '',
  snapshotDataMoved: false,
  preserveLocalSnapshot: false,
  snapshot: { handle: `handle-${claim}`, driver: 'csi.example.com', sizeBytes: 100, content: `content-${claim}` },
  ...others,
});

const claim = (name: string, namespace = 'kafka'): [string, ClaimManifest] => [
  `${namespace}/${name}`,
  { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, namespace }, spec: {} },
];

const content = (name: string, creationTime: number): [string, Content] => [
  `content-${name}`,
  {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshotContent',
    metadata: { name: `content-${name}` },
    spec: {
      deletionPolicy: 'Delete',
      driver: 'csi.example.com',
      source: {},
      sourceVolumeMode: 'Block',
      volumeSnapshotClassName: 'gold',
      volumeSnapshotRef: {},
    },
    status: { creationTime, restoreSize: 200 },
  },
];

const nothing = { claims: new Map<string, ClaimManifest>(), contents: new Map<string, Content>() };

describe('what a backup holds', () => {
  test('joins what Velero wrote down with the objects in its tarball', () => {
    const [volume] = volumesOf([info('a')], { claims: new Map([claim('a')]), contents: new Map([content('a', 5e9)]) });
    assert.deepEqual(volume?.snapshot, {
      claim: 'a',
      handle: 'handle-a',
      driver: 'csi.example.com',
      sizeBytes: 200,
      className: 'gold',
      volumeMode: 'Block',
      cutAtNs: 5e9,
      manifest: claim('a')[1],
    });
  });

  test('believes no content of another driver', () => {
    const [name, { spec, ...rest }] = content('a', 5e9);
    const other = { ...rest, spec: { ...spec, driver: 'other.example.com' } };
    const [volume] = volumesOf([info('a')], { ...nothing, contents: new Map([[name, other]]) });
    assert.deepEqual(volume?.snapshot, {
      claim: 'a',
      handle: 'handle-a',
      driver: 'csi.example.com',
      sizeBytes: 100,
    });
  });

  for (const [heldAs, others] of [
    ['skipped', { skipped: true }],
    ['failed', { result: 'failed' }],
    ['failed', { snapshot: undefined }],
    ['file system', { backupMethod: 'PodVolumeBackup' }],
    ['native', { backupMethod: 'NativeSnapshot' }],
    ['moved', { snapshotDataMoved: true }],
    ['snapshot', { snapshotDataMoved: true, preserveLocalSnapshot: true }],
    ['snapshot', { result: '' }],
  ] as [string, Partial<VolumeInfo>][]) {
    test(`${JSON.stringify(others)} is held as ${heldAs}`, () => {
      const [volume = assert.fail()] = volumesOf([info('a', others)], nothing);
      assert.equal(volume.heldAs, heldAs);
      assert.equal(volume.snapshot !== undefined, heldAs === 'snapshot');
    });
  }

  test('a claim that Velero says nothing of is in the list too, and a volume without a claim is not', () => {
    const contents = { ...nothing, claims: new Map([claim('b'), claim('a', 'zoo')]) };
    const volumes = volumesOf([info(''), info('c')], contents);
    assert.deepEqual(
      volumes.map(({ namespace, claim: name, heldAs }) => [namespace, name, heldAs]),
      [
        ['kafka', 'b', 'skipped'],
        ['kafka', 'c', 'snapshot'],
        ['zoo', 'a', 'skipped'],
      ],
    );
    assert.deepEqual(
      storedSnapshots(volumes, 'kafka').map(({ claim: name }) => name),
      ['c'],
    );
  });

  test('the skew is known only where it is known of each', () => {
    const all = { ...nothing, contents: new Map([content('a', 5e6), content('b', 8e6)]) };
    assert.equal(skewMsOf(volumesOf([info('a'), info('b')], all)), 3);
    assert.equal(skewMsOf(volumesOf([info('a'), info('c')], all)), undefined);
    assert.equal(skewMsOf([]), undefined);
  });
});
