import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseQuantity } from '../../../src/cluster/quantity.ts';
import { makePlan } from '../../../src/restore/planning/make-plan.ts';
import { parkedBy } from '../../../src/restore/plan.ts';
import type { ObservedMember } from '../../../src/restore/planning/observe.ts';
import type { RestorePlan } from '../../../src/restore/plan.ts';
import { isAsNew } from '../../../src/restore/plan.ts';
import type { RestoreRequest } from '../../../src/restore/request.ts';
import { manifestOf } from '../../../src/sets/manifest.ts';
import type { WorkloadInUse } from '../../../src/workloads/users.ts';
import { workloadOf } from '../../../src/workloads/kinds.ts';
import { boundClaim, content } from '../../sets/objects.ts';
import { statefulSet } from '../../workloads/objects.ts';
import { absent, memberFor, node, observed, request, storageClass, volumeFor } from '../objects.ts';

const gib = 2 ** 30;
const inUse: WorkloadInUse = {
  ...workloadOf('statefulset', statefulSet('es', 3)),
  kind: 'statefulset',
  claims: [],
  pods: [],
  under: [],
};
const users = { workloads: [inUse], findings: [], owners: [], notes: [], nodeOf: new Map<string, string>() };
const plan = (member: ObservedMember, parts: Partial<RestoreRequest> = {}): RestorePlan['members'][number] => {
  const [only] = makePlan(observed([member]), { ...request, ...parts }).members;
  assert.ok(only !== undefined);
  return only;
};

const claimName = fc.stringMatching(/^[a-z0-9]([-a-z0-9.]{0,240}[a-z0-9])?$/);
const observations = fc
  .uniqueArray(
    fc.record({ name: claimName, size: fc.integer({ min: 1, max: 64 }), exists: fc.boolean(), zonal: fc.boolean() }),
    { selector: ({ name }) => name, minLength: 1, maxLength: 6 },
  )
  .map((drawn) => {
    const members = drawn.map(({ name, size, exists, zonal }) =>
      memberFor(name, {
        manifest: manifestOf(boundClaim(name, `${size}Gi`)),
        storageClass: storageClass(zonal ? 'WaitForFirstConsumer' : 'Immediate'),
        ...(!exists && absent),
      }),
    );
    return observed(members, { users, nodes: [node('b'), node('a')] });
  });
const requests = fc
  .record({ sizeBytes: fc.option(fc.constantFrom(4 * gib, 32 * gib), { nil: undefined }), asNew: fc.boolean() })
  .map((parts) => ({ ...request, ...parts }));

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !(value instanceof Map)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}

describe('makePlan', () => {
  test('is pure: the same observation gives the same plan, and isn’t changed', () => {
    fc.assert(
      fc.property(observations, requests, (seen, wanted) => {
        const first = makePlan(deepFreeze(seen), deepFreeze(wanted));
        assert.deepEqual(makePlan(seen, wanted), first);
      }),
    );
  });

  test('is plain data: the record gives back the same value', () => {
    fc.assert(
      fc.property(observations, requests, (seen, wanted) => {
        const made = makePlan(seen, wanted);
        assert.deepEqual(JSON.parse(JSON.stringify(made)), made);
      }),
    );
  });

  test('never asks for less than there is, and carries no volume or server field', () => {
    fc.assert(
      fc.property(observations, requests, (seen, wanted) => {
        const made = makePlan(seen, wanted);
        for (const [index, { sizeBytes, manifest, claim }] of made.members.entries()) {
          const before = seen.members[index]?.manifest?.spec?.resources?.requests?.storage ?? '';
          assert.ok(sizeBytes >= (parseQuantity(before) ?? NaN) && sizeBytes >= 4 * gib);
          assert.ok(sizeBytes >= (wanted.sizeBytes ?? 0));
          assert.equal(parseQuantity(manifest.spec?.resources?.requests?.storage ?? ''), sizeBytes);
          assert.equal(manifest.metadata.name, claim);
          assert.deepEqual(manifestOf(manifest), manifest);
        }
      }),
    );
  });

  test('gives every claim a staging claim of its own, with a name that fits', () => {
    fc.assert(
      fc.property(observations, requests, (seen, wanted) => {
        const { members } = makePlan(seen, wanted);
        const names = new Set(members.flatMap(({ claim, staging }) => [claim, staging]));
        assert.equal(names.size, members.length * 2);
        for (const { staging } of members) assert.ok(staging.length <= 253 && staging.includes('7f3k2'));
      }),
    );
  });
});

describe('a plan', () => {
  test('in place stops what uses the claims, and starts it with the replicas of now', () => {
    const made = makePlan(observed([memberFor('a')], { users }), request);
    assert.deepEqual(made.workloads, [{ kind: 'statefulset', name: 'es', uid: 'uid-sts-es', replicas: 3 }]);
    assert.deepEqual(made.steps, ['stage', 'retain', 'stop', 'swap', 'start', 'settle']);
    assert.ok(!isAsNew(made));
  });

  test('for new claims does nothing but make them, under names of their own', () => {
    const made = makePlan(observed([memberFor('a')]), { ...request, asNew: true });
    assert.deepEqual([made.steps, isAsNew(made), made.members[0]?.staging], [['stage'], true, 'a-7f3k2']);
  });

  test('remembers what the claim is today', () => {
    const { now, staging } = plan(memberFor('a'));
    const manifest = manifestOf(boundClaim('a'));
    assert.deepEqual(now, { uid: 'uid-a', manifest, volume: 'pv-a', sizeBytes: 4 * gib, reclaimPolicy: 'Delete' });
    assert.equal(staging, 'a-staged-7f3k2');
    assert.ok(!('now' in plan(memberFor('a', absent))));
  });

  test('remembers a claim that has not got the room that it asks for as one that fits its volume', () => {
    const claim = boundClaim('a', '8Gi');
    const { now, manifest } = plan(memberFor('a', { claim, manifest: manifestOf(claim) }));
    assert.equal(now?.manifest.spec?.resources?.requests?.storage, '4Gi');
    assert.equal(manifest.spec?.resources?.requests?.storage, '8Gi');
  });

  test('keeps labels, owners and annotations of the claim, and says where its data comes from', () => {
    const ownerReferences = [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: 'u' }];
    const labels = { app: 'es', 'argocd.argoproj.io/instance': 'kept' };
    const manifest = manifestOf(boundClaim('a', '4Gi', { labels, ownerReferences, annotations: { mine: 'yes' } }));
    const { metadata, spec } = plan(memberFor('a', { manifest }), { sizeBytes: 8 * gib }).manifest;
    assert.deepEqual(metadata, {
      name: 'a',
      namespace: 'kafka',
      labels,
      ownerReferences,
      annotations: { mine: 'yes', 'pvsnap.io/restored-from': 's-a', 'pvsnap.io/operation': 'restore-7f3k2' },
    });
    assert.deepEqual(spec, {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '8Gi' } },
      storageClassName: 'fast',
      volumeMode: 'Filesystem',
    });
  });

  test('with a safety set, claims are made again under their own names, and what has data is secured', () => {
    const safety = { set: 'safety-restore-7f3k2', classOf: new Map([['a', 'hostdir']]) };
    const { claim } = memberFor('a');
    const unbound = { ...claim, spec: {}, status: { phase: 'Pending' } } as ObservedMember['claim'];
    const members = [memberFor('a', { volume: undefined }), memberFor('b', absent), memberFor('c', { claim: unbound })];
    const plan = makePlan(observed(members), request, { safety, notes: ['why'] });
    assert.deepEqual([plan.strategy, plan.safetySet, plan.notes], ['replace', 'safety-restore-7f3k2', ['why']]);
    assert.deepEqual(
      plan.members.map(({ staging, safety: its, now }) => [staging, its?.snapshot, now === undefined]),
      [
        ['a', 'a-safety-7f3k2', false],
        ['b', undefined, true],
        ['c', undefined, false],
      ],
    );
    assert.equal(plan.members[2]?.now?.volume, '');
    assert.deepEqual(plan.members.flatMap(parkedBy), []);
  });

  test('names nodes only for a class that waits: the pod’s, then those that the volume allows', () => {
    const zonal = { storageClass: storageClass('WaitForFirstConsumer') };
    const terms = [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['a'] }] }];
    const volume = volumeFor('a', { nodeAffinity: { required: { nodeSelectorTerms: terms } } });
    const nodes = [node('n2', { zone: 'a' }), node('n1', { zone: 'a' }), node('n3', { zone: 'b' })];
    const chosen = (parts: Partial<ObservedMember>): string[] | undefined =>
      makePlan(observed([memberFor('a', parts)], { nodes }), request).members[0]?.nodes;
    assert.deepEqual(chosen({ ...zonal, volume }), ['n1', 'n2']);
    assert.deepEqual(chosen({ ...zonal, volume, node: 'n2' }), ['n2', 'n1']);
    assert.deepEqual(chosen({ ...zonal, volume, node: 'n9' }), ['n1', 'n2'], 'n9 is gone or cordoned');
    const wide = [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['a', 'b'] }] }];
    const anywhere = volumeFor('a', { nodeAffinity: { required: { nodeSelectorTerms: wide } } });
    assert.deepEqual(
      chosen({ ...zonal, volume: anywhere, node: 'n2' }),
      ['n2', 'n1'],
      'its other claims are in zone a',
    );
    assert.deepEqual(chosen({ ...zonal, volume: volumeFor('a'), node: 'n2' }), ['n2'], 'nothing tells what a zone is');
    assert.deepEqual(chosen({ ...zonal, ...absent }), ['n1', 'n2', 'n3']);
    assert.deepEqual(chosen({ ...zonal, volume: undefined, node: 'n2' }), ['n2'], 'the volume is out of sight');
    assert.deepEqual(chosen({ volume, node: 'n9' }), []);
    const unseen = observed([memberFor('a', { ...zonal, volume, node: 'n9' })], { nodes: undefined });
    assert.deepEqual(makePlan(unseen, request).members[0]?.nodes, ['n9'], 'nodes may not be listed');
  });

  test('tells the instant and the skew of the source, as far as they are known', () => {
    const cutMs = Date.parse('2026-11-01T00:00:00Z');
    const at = (offsetMs: number): ReturnType<typeof content> =>
      content('x', { creationTime: (cutMs + offsetMs) * 1e6 });
    const source = (...members: ObservedMember[]): RestorePlan['source'] => makePlan(observed(members), request).source;
    const exact = source(memberFor('a', {}, at(0)), memberFor('b', {}, at(512)));
    assert.deepEqual(exact, { name: 'nightly', takenAt: '2026-11-01T00:00:00.512Z', skewMs: 512 });
    assert.deepEqual(source(memberFor('a'), memberFor('b', {}, at(0))), {
      name: 'nightly',
      takenAt: '2026-11-01T00:00:01.000Z',
    });
    const single = makePlan(observed([memberFor('a')]), { ...request, source: { snapshots: ['x', 'y'] } });
    assert.equal(single.source.name, 'vs/x,vs/y');
  });
});
