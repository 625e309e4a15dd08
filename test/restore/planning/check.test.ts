import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findingsOf, wantedSizeBytes } from '../../../src/restore/planning/check.ts';
import type { Observed } from '../../../src/restore/planning/observe.ts';
import type { RestoreRequest } from '../../../src/restore/request.ts';
import { memberOf } from '../../../src/sets/member.ts';
import { boundClaim, content, snapshot } from '../../sets/objects.ts';
import { absent, memberFor, node, observed, request, storageClass, volumeFor } from '../objects.ts';

const gib = 2 ** 30;
const problemsOf = (seen: Observed, parts: Partial<RestoreRequest> = {}): string[] =>
  findingsOf(seen, { ...request, ...parts }).map(({ about, problem }) => `${about}: ${problem}`);
const going = { deletionTimestamp: '2026-11-01T00:00:00Z' };
const zonal = { storageClass: storageClass('WaitForFirstConsumer') };

test('what is well has no finding', () => {
  assert.deepEqual(
    problemsOf(observed([memberFor('a'), memberFor('b', absent), memberFor('c', {}, content('s-c'))])),
    [],
  );
});

describe('a finding for', () => {
  const withSnapshot = (parts: Parameters<typeof snapshot>[2], its = content('s-a')): Observed =>
    observed([memberFor('a', { member: memberOf(snapshot('s-a', 'a', parts), its) })]);
  const ofMode = (sourceVolumeMode: string, annotations = {}): Observed => {
    const its = content('s-a');
    const spec = { ...its.spec, sourceVolumeMode };
    return observed([memberFor('a', {}, { ...its, metadata: { ...its.metadata, annotations }, spec })]);
  };
  const claim = boundClaim('a');
  const cases: [string, Observed, string | undefined, Partial<RestoreRequest>?][] = [
    [
      'snapshots that are gone',
      observed([memberFor('a')], { expected: 3 }),
      'nightly: it was taken of 3 claims, and 2 of its snapshots are gone',
    ],
    ['a snapshot that goes', withSnapshot({ metadata: going }), 'a: its snapshot s-a is being deleted'],
    ['one that is not ready', withSnapshot({ status: {} }), 'a: its snapshot is not ready'],
    [
      'one that fails, in the driver’s words',
      withSnapshot({ status: { error: { message: 'quota exceeded' } } }),
      'a: its snapshot is not ready: driver says "quota exceeded"',
    ],
    [
      'one whose content is another’s',
      withSnapshot({}, content('s-a', {}, 'stranger')),
      'a: its snapshot is bound to content content-s-a, which belongs to another snapshot',
    ],
    [
      'one that names no claim',
      observed([memberFor('', { ...absent, manifest: undefined, member: memberOf(snapshot('s', ''), undefined) })]),
      'vs/s: the snapshot names no claim: it was made from a content that already existed',
    ],
    [
      'a claim that nobody can make again',
      observed([memberFor('a', { ...absent, manifest: undefined })]),
      'a: the claim no longer exists, and its snapshot does not carry its manifest',
    ],
    [
      'a claim that goes',
      observed([memberFor('a', { claim: { ...claim, metadata: { ...claim.metadata, ...going } } })]),
      'a: the claim is being deleted',
    ],
    [
      'a claim that waits',
      observed([memberFor('a', { claim: { ...claim, status: { phase: 'Pending' } }, volume: undefined })]),
      'a: the claim is Pending, not Bound to a volume',
    ],
    [
      'a claim that lost its volume',
      observed([memberFor('a', { claim: { ...claim, status: { phase: 'Lost' } }, volume: undefined })]),
      'a: the claim is Lost, not Bound to a volume',
    ],
    [
      'a volume that goes, and could not be kept',
      observed([memberFor('a', { volume: { ...volumeFor('a'), metadata: { name: 'pv-a', ...going } } })]),
      'a: its volume pv-a is being deleted, and could not be kept',
    ],
    [
      'an unfinished snapshot of the claim',
      observed([memberFor('a', { unfinished: ['nightly-0413'] })]),
      'a: another snapshot of it is unfinished (nightly-0413), and would block the swap',
    ],
    [
      'a class that is gone',
      observed([memberFor('a', { storageClass: undefined })]),
      'a: its storage class "fast" does not exist',
    ],
    [
      'a class of another driver',
      observed([memberFor('a', { storageClass: storageClass('Immediate', 'other') }, content('s-a'))]),
      'a: its snapshot is of driver hostdir.csi.pvsnap.io, its storage class "fast" of other',
    ],
    ['another volume mode', ofMode('Block'), 'a: its snapshot is of a Block volume, the claim asks for Filesystem'],
    ['no other volume mode', ofMode('Filesystem'), undefined],
    [
      'no mode that may change',
      ofMode('Block', { 'snapshot.storage.kubernetes.io/allow-volume-mode-change': 'true' }),
      undefined,
    ],
    [
      'a volume that no node is left for',
      observed([memberFor('a', zonal)]),
      'a: its storage class "fast" provisions for a node, and no node is allowed for its volume',
    ],
    ['no node, when there is one', observed([memberFor('a', zonal)], { nodes: [node('n')] }), undefined],
    [
      'no node, when a pod names it',
      observed([memberFor('a', { ...zonal, node: 'n' })], { nodes: undefined }),
      undefined,
    ],
    [
      'a node that is cordoned or gone, when no other is left',
      observed([memberFor('a', { ...zonal, node: 'n' })], { nodes: [node('n', {}, true)] }),
      'a: its storage class "fast" provisions for a node, and no node is allowed for its volume; n, where its pod is, is cordoned or gone',
    ],
    [
      'a size that is too small',
      observed([memberFor('a')]),
      'a: --size 1Gi is less than its snapshot needs (4Gi)',
      { sizeBytes: gib },
    ],
    ['no size that is just enough', observed([memberFor('a')]), undefined, { sizeBytes: 4 * gib }],
  ];
  for (const [what, seen, problem, parts] of cases) {
    test(what, () => {
      assert.deepEqual(problemsOf(seen, parts), problem === undefined ? [] : [problem]);
    });
  }

  test('two snapshots of one claim', () => {
    const twice = observed([memberFor('a'), memberFor('a', { member: memberOf(snapshot('other', 'a'), undefined) })]);
    assert.deepEqual(problemsOf(twice), ['a: 2 snapshots of it were named: s-a, other']);
  });
});

test('all findings come at once, each with its claim, those about users last', () => {
  const users = {
    workloads: [],
    findings: [{ about: 'job/x', problem: 'runs' }],
    owners: [],
    notes: [],
    nodeOf: new Map<string, string>(),
  };
  const unready = memberFor('b', {
    member: memberOf(snapshot('s-b', 'b', { status: {} }), undefined),
    unfinished: ['u'],
  });
  const abouts = findingsOf(
    observed([memberFor('a', { storageClass: undefined }), unready], { users, expected: 3 }),
    request,
  );
  assert.deepEqual(
    abouts.map(({ about }) => about),
    ['nightly', 'a', 'b', 'b', 'job/x'],
  );
});

test('what is there today doesn’t matter to claims that are made beside it', () => {
  const claim = { ...boundClaim('a', '4Gi', going), status: { phase: 'Pending' } };
  assert.deepEqual(problemsOf(observed([memberFor('a', { claim, unfinished: ['u'] })]), { asNew: true }), []);
});

test('the size is the largest of request, snapshot and wish', () => {
  const size = (storage: string, restoreSize: string, sizeBytes: number | undefined): number => {
    const status = { restoreSize };
    const member = memberFor('a', {
      manifest: boundClaim('a', storage),
      member: memberOf(snapshot('s', 'a', { status }), undefined),
    });
    return wantedSizeBytes(member, { ...request, sizeBytes });
  };
  assert.equal(size('4Gi', '1Gi', undefined), 4 * gib);
  assert.equal(size('1Gi', '4Gi', undefined), 4 * gib);
  assert.equal(size('1Gi', '4Gi', 8 * gib), 8 * gib);
  assert.equal(size('8Gi', '4Gi', 5 * gib), 8 * gib);
  assert.equal(size('8Gi', '0', undefined), 8 * gib);
  assert.equal(wantedSizeBytes(memberFor('a', { manifest: undefined, volume: volumeFor('a') }), request), 4 * gib);
});
