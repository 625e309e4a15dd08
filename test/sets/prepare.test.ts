import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import type { Claim, Snapshot } from '../../src/cluster/objects.ts';
import type { Prepared, SetRequest } from '../../src/sets/prepare.ts';
import { prepareSet } from '../../src/sets/prepare.ts';
import { manifestOf } from '../../src/sets/manifest.ts';
import type { Answer, ApiServer } from '../api/server.ts';
import { refuse, reply, serve } from '../api/server.ts';
import { boundClaim, driver, namespace, snapshot, snapshotClass } from './objects.ts';

const request: SetRequest = {
  name: 'nightly',
  namespace,
  target: 'sts/es',
  className: undefined,
  epochSeconds: 1_700_000_000,
};

interface World {
  /** What a request meets before the rest; true when it was answered. */
  first?: (...call: Parameters<Answer>) => boolean;
  taken?: Snapshot[];
}

/** Every right, one default class, and a volume of the driver for each name that begins with pv-. */
async function prepare(
  t: TestContext,
  claims: Claim[],
  { first = () => false, taken = [], ...parts }: World & Partial<SetRequest> = {},
): Promise<Prepared & { server: ApiServer }> {
  const server = await serve(t, (call, response) => {
    const { method, path, body } = call;
    if (first(call, response)) return;
    if (path.endsWith('/selfsubjectaccessreviews')) reply(response, 201, { status: { allowed: true } });
    else if (method === 'POST') reply(response, 201, body as object);
    else if (path.endsWith('/volumesnapshotclasses')) list(response, [snapshotClass('default', 'true')]);
    else if (path.endsWith('/volumesnapshots')) list(response, taken);
    else if (path.endsWith('/storageclasses')) list(response, [{ metadata: { name: 'fast' }, provisioner: driver }]);
    else if (path.includes('/persistentvolumes/pv-')) reply(response, 200, { spec: { csi: { driver } } });
    else if (path.endsWith('/local')) reply(response, 200, { spec: { local: {} } });
    else refuse(response, 404, 'NotFound');
  });
  return { ...(await prepareSet(server.open(), claims, { ...request, ...parts })), server };
}

function list(response: Parameters<Answer>[1], items: object[]): void {
  reply(response, 200, { apiVersion: 'v1', metadata: {}, items });
}

const problemsOf = ({ findings }: Prepared): string[] => findings.map(({ about, problem }) => `${about}: ${problem}`);
const inPhase = (name: string, phase: string, metadata = {}): Claim => ({
  ...boundClaim(name, '4Gi', metadata),
  status: { phase },
});

describe('prepareSet', { concurrency: true, timeout: 60_000 }, () => {
  test('makes a snapshot of each claim, with all that a restore needs later', async (t) => {
    const claim = boundClaim('data-es-0', '4Gi', { labels: { app: 'es', 'argocd.argoproj.io/instance': 'x' } });
    const prepared = await prepare(t, [claim, boundClaim('data-es-1')]);
    assert.deepEqual(prepared.findings, []);
    assert.equal(prepared.plan.snapshots.length, 2);
    assert.deepEqual(prepared.plan.snapshots[0], {
      apiVersion: 'snapshot.storage.k8s.io/v1',
      kind: 'VolumeSnapshot',
      metadata: {
        name: 'snapshot-data-es-0-1700000000',
        namespace,
        labels: { app: 'es', 'pvsnap.io/set': 'nightly' },
        annotations: {
          'pvsnap.io/members': '2',
          'pvsnap.io/target': 'sts/es',
          'pvsnap.io/claim': JSON.stringify(manifestOf(claim)),
        },
      },
      spec: { source: { persistentVolumeClaimName: 'data-es-0' }, volumeSnapshotClassName: 'default' },
    });
  });

  test('stores nothing: what it sends is a dry run', async (t) => {
    const { server } = await prepare(t, [boundClaim('a'), boundClaim('b')]);
    const writes = server.received.filter(({ method, path }) => method !== 'GET' && !path.includes('review'));
    assert.deepEqual(
      writes.map(({ query }) => query.get('dryRun')),
      ['All', 'All'],
    );
  });

  test('finds every claim that has no snapshot to give, at once, and sends nothing', async (t) => {
    const local = boundClaim('local');
    const prepared = await prepare(t, [
      inPhase('pending', 'Pending'),
      inPhase('lost', 'Lost'),
      inPhase('going', 'Bound', { deletionTimestamp: '2026-11-01T00:00:00Z' }),
      { ...local, spec: { ...local.spec, volumeName: 'local' } },
      boundClaim('fine'),
    ]);
    assert.deepEqual(problemsOf(prepared), [
      'pending: the claim is Pending, not Bound',
      'lost: the claim is Lost: its volume is gone',
      'going: the claim is being deleted',
      'local: its volume is not of a CSI driver',
    ]);
    assert.ok(prepared.findings.every(({ remedy }) => remedy !== undefined));
    assert.ok(prepared.server.received.every(({ query }) => !query.has('dryRun')));
  });

  test('finds a name that is taken, a class that is wrong and a right that is missing, together', async (t) => {
    const first: World['first'] = ({ path, body }, response) => {
      const isReview = path.endsWith('/selfsubjectaccessreviews') && JSON.stringify(body).includes('"create"');
      if (isReview) reply(response, 201, { status: { allowed: false } });
      return isReview;
    };
    const prepared = await prepare(t, [boundClaim('a')], { first, taken: [snapshot('s', 'a')], className: 'none' });
    assert.deepEqual(problemsOf(prepared), [
      'you: may not create volumesnapshots.snapshot.storage.k8s.io in namespace kafka',
      'nightly: a set of that name exists in namespace kafka',
      'a: there is no VolumeSnapshotClass "none"',
    ]);
  });

  test('passes on what the server refuses', async (t) => {
    const first: World['first'] = ({ method, path, body }, response) => {
      const isOver = method === 'POST' && path.endsWith('/volumesnapshots') && JSON.stringify(body).includes('data-b');
      if (isOver) refuse(response, 403, 'Forbidden');
      return isOver;
    };
    const prepared = await prepare(t, [boundClaim('data-a'), boundClaim('data-b')], { first });
    assert.equal(prepared.findings.length, 1);
    assert.match(problemsOf(prepared)[0] ?? '', /data-b.*Forbidden/);
  });

  test('knows the driver from the claim or its class when volumes may not be read', async (t) => {
    const first: World['first'] = ({ path }, response) => {
      const isVolume = path.includes('/persistentvolumes/');
      if (isVolume) refuse(response, 403, 'Forbidden');
      return isVolume;
    };
    const annotations = { 'volume.kubernetes.io/storage-provisioner': driver };
    const prepared = await prepare(t, [boundClaim('a', '4Gi', { annotations })], { first });
    assert.deepEqual([prepared.findings, prepared.plan.snapshots.length], [[], 1]);
    const byClass = await prepare(t, [boundClaim('a')], { first });
    assert.deepEqual([byClass.findings, byClass.plan.snapshots.length], [[], 1]);
    const known = boundClaim('a');
    const classless = { ...known, spec: { ...known.spec, storageClassName: '' } };
    assert.deepEqual(problemsOf(await prepare(t, [classless], { first })), [
      'a: its driver is not known: you may not get persistentvolumes',
    ]);
  });

  test('needs --class when classes may not be listed', async (t) => {
    const first: World['first'] = ({ path }, response) => {
      const isClasses = path.endsWith('/volumesnapshotclasses');
      if (isClasses) refuse(response, 403, 'Forbidden');
      return isClasses;
    };
    assert.equal((await prepare(t, [boundClaim('a')], { first })).findings.length, 1);
    assert.deepEqual((await prepare(t, [boundClaim('a')], { first, className: 'mine' })).findings, []);
  });
});
