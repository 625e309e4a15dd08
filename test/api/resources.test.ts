import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  apiVersionOf,
  claims,
  contents,
  isNamed,
  jobs,
  pathOf,
  pods,
  qualifiedName,
  snapshotClasses,
  snapshots,
  statefulSets,
  volumes,
} from '../../src/cluster/resources.ts';
import { UsageError } from '../../src/errors.ts';

describe('isNamed takes a type as kubectl does', () => {
  const words = {
    claims: [claims, ['pvc', 'PVC', 'persistentvolumeclaim', 'PersistentVolumeClaims', 'pvc.v1.']],
    snapshots: [
      snapshots,
      [
        'vs',
        'volumesnapshot',
        'VolumeSnapshots',
        'volumesnapshots.snapshot.storage.k8s.io',
        'vs.v1.snapshot.storage.k8s.io',
      ],
    ],
    contents: [contents, ['vsc', 'vscs', 'volumesnapshotcontent']],
    classes: [snapshotClasses, ['vsclass', 'vsclasses', 'volumesnapshotclasses']],
    sets: [statefulSets, ['sts', 'statefulset.apps', 'statefulsets.v1.apps']],
  } as const;
  for (const [what, [resource, names]] of Object.entries(words)) {
    test(what, () => {
      for (const name of names) assert.ok(isNamed(resource, name), name);
    });
  }

  test('and nothing else', () => {
    for (const word of ['', '.', 'pvcs', 'pv', 'pvc.apps', 'pvc/', ' pvc', 'constructor', 'v1']) {
      assert.ok(!isNamed(claims, word), word);
    }
    assert.ok(!isNamed(snapshots, 'vs.v1beta1.snapshot.storage.k8s.io'));
    assert.ok(!isNamed(snapshots, 'vs.v1.'));
  });

  test('no word means two of them', () => {
    const all = [claims, volumes, pods, snapshots, contents, snapshotClasses, statefulSets, jobs];
    for (const { plural, singular, shortNames } of all) {
      for (const word of [plural, singular, ...shortNames]) {
        assert.equal(all.filter((resource) => isNamed(resource, word)).length, 1, word);
      }
    }
  });
});

test('pathOf names collections, objects and subresources', () => {
  assert.equal(pathOf(claims, 'kafka'), '/api/v1/namespaces/kafka/persistentvolumeclaims');
  assert.equal(pathOf(claims, undefined), '/api/v1/persistentvolumeclaims');
  assert.equal(pathOf(volumes, 'kafka', 'pv-1'), '/api/v1/persistentvolumes/pv-1');
  assert.equal(pathOf(statefulSets, 'a', 'b', 'scale'), '/apis/apps/v1/namespaces/a/statefulsets/b/scale');
  assert.equal(pathOf(snapshots, 'a', 'x'), '/apis/snapshot.storage.k8s.io/v1/namespaces/a/volumesnapshots/x');
});

test('pathOf lets no name reach another path', () => {
  assert.equal(pathOf(pods, 'a', 'b?c#d%2F'), '/api/v1/namespaces/a/pods/b%3Fc%23d%252F');
  for (const name of ['.', '..', '../b', 'a/b', '/']) {
    assert.throws(() => pathOf(pods, 'kafka', name), UsageError);
    assert.throws(() => pathOf(pods, name, 'a'), UsageError);
  }
});

test('names and versions read as kubectl writes them', () => {
  assert.deepEqual([claims, snapshots].map(qualifiedName), [
    'persistentvolumeclaims',
    'volumesnapshots.snapshot.storage.k8s.io',
  ]);
  assert.deepEqual([claims, snapshots].map(apiVersionOf), ['v1', 'snapshot.storage.k8s.io/v1']);
});
