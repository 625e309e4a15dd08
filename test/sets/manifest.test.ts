import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Claim } from '../../src/cluster/objects.ts';
import { manifestOf, parseManifest } from '../../src/sets/manifest.ts';
import { boundClaim } from './objects.ts';

const serverFields = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'finalizers',
  'managedFields',
  'selfLink',
];
const bindingAnnotations = [
  'pv.kubernetes.io/bind-completed',
  'pv.kubernetes.io/bound-by-controller',
  'volume.kubernetes.io/storage-provisioner',
  'volume.beta.kubernetes.io/storage-provisioner',
  'volume.kubernetes.io/selected-node',
];
const bindingSpec = ['volumeName', 'dataSource', 'dataSourceRef'];

/** Objects with some keys that go and some that stay, of any value. */
const mixed = (going: readonly string[], staying: readonly string[]): fc.Arbitrary<Record<string, unknown>> =>
  fc.dictionary(fc.constantFrom(...going, ...staying, 'any.io/key'), fc.jsonValue(), { noNullPrototype: true });

const anyClaim: fc.Arbitrary<Claim> = fc
  .record(
    {
      metadata: mixed(serverFields, ['generateName']),
      labels: fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }),
      annotations: fc.dictionary(
        fc.constantFrom(...bindingAnnotations, 'kubectl.kubernetes.io/last-applied-configuration', '__proto__'),
        fc.string(),
        { noNullPrototype: true },
      ),
      spec: mixed(bindingSpec, ['accessModes', 'selector']),
      status: fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }),
    },
    { requiredKeys: ['metadata'] },
  )
  .map(({ metadata, labels, annotations, ...rest }) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { ...metadata, name: 'data', ...(labels && { labels }), ...(annotations && { annotations }) },
    ...rest,
  }));

describe('manifestOf', () => {
  test('never contains what the cluster wrote, and loses nothing else', () => {
    fc.assert(
      fc.property(anyClaim, (claim) => {
        const manifest = manifestOf(claim);
        assert.deepEqual(Object.keys(manifest), ['apiVersion', 'kind', 'metadata', 'spec']);
        const pairs: [object | undefined, object | undefined, string[]][] = [
          [claim.metadata, manifest.metadata, [...serverFields, 'annotations']],
          [claim.metadata.annotations, manifest.metadata.annotations, bindingAnnotations],
          [claim.spec ?? {}, manifest.spec, bindingSpec],
        ];
        for (const [before, after, gone] of pairs) {
          const expected = before && Object.entries(before).filter(([key]) => !gone.includes(key));
          const kept = after && Object.entries(after).filter(([key]) => key !== 'annotations');
          assert.deepEqual(kept, expected);
        }
      }),
    );
  });

  test('is idempotent, and leaves the claim as it was', () => {
    fc.assert(
      fc.property(anyClaim, (claim) => {
        const before = structuredClone(claim);
        const manifest = manifestOf(claim);
        assert.deepEqual(claim, before);
        assert.deepEqual(manifestOf(manifest), manifest);
      }),
    );
  });

  test('comes back from its text', () => {
    fc.assert(
      fc.property(anyClaim, (claim) => {
        const text = JSON.stringify(manifestOf(claim));
        assert.equal(JSON.stringify(parseManifest(text)), text);
      }),
    );
  });

  test('keeps owners and labels, for whoever makes the claim again', () => {
    const ownerReferences = [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: 'u' }];
    const { metadata } = manifestOf(boundClaim('data', '4Gi', { labels: { app: 'x' }, ownerReferences }));
    assert.deepEqual(metadata, { name: 'data', namespace: 'kafka', labels: { app: 'x' }, ownerReferences });
  });
});

describe('parseManifest', () => {
  test('takes no text for a manifest that isn’t one, and never throws', () => {
    const manifest = manifestOf(boundClaim('data'));
    const others = [
      undefined,
      '',
      'null',
      '[]',
      '5',
      '{',
      JSON.stringify({ ...manifest, kind: 'Pod' }),
      JSON.stringify({ ...manifest, metadata: {} }),
      JSON.stringify({ ...manifest, metadata: undefined }),
      JSON.stringify({ ...manifest, metadata: { name: 5 } }),
      JSON.stringify({ ...manifest, spec: undefined }),
      JSON.stringify({ ...manifest, spec: { resources: { requests: { storage: 5 } } } }),
      JSON.stringify({ ...manifest, spec: { storageClassName: {} } }),
      ...[
        { labels: { a: 1 } },
        { annotations: ['a'] },
        { ownerReferences: {} },
        { ownerReferences: [{ name: 'x' }] },
      ].map((parts) => JSON.stringify({ ...manifest, metadata: { name: 'data', ...parts } })),
    ];
    for (const text of others) assert.equal(parseManifest(text), undefined, text);
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        assert.equal(parseManifest(text), undefined);
      }),
    );
  });

  test('strips what the cluster writes: somebody may have pasted a whole claim', () => {
    const claim = boundClaim('data');
    assert.deepEqual(parseManifest(JSON.stringify(claim)), manifestOf(claim));
  });
});
