import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import type { Lease } from '../../../src/cluster/objects.ts';
import { ClusterError, RefusedError } from '../../../src/errors.ts';
import { acquireLock } from '../../../src/restore/running/lock.ts';

/** A store of one Lease with the API server's rules: names are taken, and preconditions hold. */
interface Store {
  cluster: Cluster;
  lease: Lease | undefined;
  /** What the next request meets instead of the store. */
  fault: 'lost before' | 'lost after' | 'silence' | undefined;
}

function leaseStore(lease?: Lease): Store {
  let version = 1;
  const store: Store = { cluster: {} as Cluster, lease, fault: undefined };
  const refuse = (status: number, reason: string): never => {
    throw new ClusterError(reason, status, reason);
  };
  const serve = async <R>(work: () => R): Promise<R> => {
    const { fault } = store;
    if (fault === 'silence') return new Promise<R>(() => undefined);
    store.fault = undefined;
    await Promise.resolve();
    if (fault === 'lost before') refuse(0, 'ECONNRESET');
    const answer = work();
    return fault === 'lost after' ? refuse(0, 'ECONNRESET') : answer;
  };
  const check = (wanted: { uid?: string | undefined; resourceVersion?: string | undefined }): Lease => {
    const { lease: present } = store;
    if (present === undefined) return refuse(404, 'NotFound');
    const { uid, resourceVersion } = present.metadata;
    const differs = (wanted.uid ?? uid) !== uid || (wanted.resourceVersion ?? resourceVersion) !== resourceVersion;
    return differs ? refuse(409, 'Conflict') : present;
  };
  const write = (metadata: Lease['metadata'], spec: Lease['spec']): Lease => {
    const written = { ...metadata, uid: metadata.uid ?? `uid-${version}`, resourceVersion: String(++version) };
    store.lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: written, ...(spec && { spec }) };
    return store.lease;
  };
  Object.assign(store.cluster, {
    find: () => serve(() => store.lease),
    create: (_: unknown, object: Lease) =>
      serve(() => (store.lease === undefined ? write(object.metadata, object.spec) : refuse(409, 'AlreadyExists'))),
    patch: (_: unknown, _object: unknown, { metadata, spec }: Partial<Lease>) =>
      serve(() => {
        const present = check(metadata ?? {});
        return write(present.metadata, { ...present.spec, ...spec });
      }),
    delete: (_: unknown, _object: unknown, preconditions: object) =>
      serve(() => {
        check(preconditions);
        store.lease = undefined;
      }),
  });
  return store;
}

/** Somebody else's, renewed so many seconds ago. */
function theirs(secondsAgo: number): Lease {
  const renewTime = new Date(Date.now() - secondsAgo * 1000).toISOString();
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'pvsnap', namespace: 'kafka', uid: 'theirs', resourceVersion: '1' },
    spec: { holderIdentity: 'jane@laptop restore-x', leaseDurationSeconds: 30, acquireTime: renewTime, renewTime },
  };
}

const never = 600;

/** Lets the clock run, a second at a time, and the lock do what it does then. */
async function pass(t: TestContext, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    t.mock.timers.tick(1000);
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  }
}

function hold(t: TestContext, store: Store): ReturnType<typeof acquireLock> {
  t.mock.timers.enable({ apis: ['setInterval', 'setTimeout', 'Date'], now: Date.now() });
  const plan = { namespace: 'kafka', operation: 'restore-7f3k2' };
  return acquireLock(store.cluster, plan, new AbortController().signal, () => undefined);
}

describe('the Lease', () => {
  test('is made, and says who holds it; it goes at the end', async (t) => {
    const store = leaseStore();
    const lock = await hold(t, store);
    assert.match(store.lease?.spec?.holderIdentity ?? '', /.@.+ restore-7f3k2 \w{4}$/);
    // MicroTime has six digits, or the API server refuses it.
    assert.match(store.lease?.spec?.renewTime ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    await lock.release();
    assert.equal(store.lease, undefined);
  });

  test('of another operation keeps this one off, and says whose it is', async (t) => {
    await assert.rejects(hold(t, leaseStore(theirs(20))), (error) => {
      return error instanceof RefusedError && error.message.includes('jane@laptop restore-x');
    });
  });

  test('is renewed for as long as it takes', async (t) => {
    const store = leaseStore();
    const lock = await hold(t, store);
    await pass(t, never);
    assert.ok(!lock.lost.aborted);
    assert.ok(Date.now() - Date.parse(store.lease?.spec?.renewTime ?? '') <= 10_000);
    await lock.release();
  });

  for (const fault of ['lost before', 'lost after'] as const) {
    test(`survives a renewal that is ${fault === 'lost before' ? 'lost' : 'written, and its answer lost'}`, async (t) => {
      const store = leaseStore();
      const lock = await hold(t, store);
      await pass(t, 5);
      store.fault = fault;
      await pass(t, 60);
      assert.ok(!lock.lost.aborted);
      await lock.release();
    });
  }
});

describe('the lock is lost', () => {
  test('when somebody else has taken the Lease', async (t) => {
    const store = leaseStore();
    const lock = await hold(t, store);
    store.lease = theirs(0);
    await pass(t, 11);
    assert.ok(lock.lost.aborted);
    await lock.release();
    assert.equal(store.lease.metadata.uid, 'theirs');
  });

  test('when it is deleted', async (t) => {
    const store = leaseStore();
    const lock = await hold(t, store);
    store.lease = undefined;
    await pass(t, 11);
    assert.ok(lock.lost.aborted);
  });

  test('before it expires, when the server says nothing any more', async (t) => {
    const store = leaseStore();
    const lock = await hold(t, store);
    store.fault = 'silence';
    await pass(t, 30);
    assert.ok(lock.lost.aborted);
  });

  test('before it expires, also when the clock is set back meanwhile', async (t) => {
    const store = leaseStore();
    const lock = await hold(t, store);
    store.fault = 'silence';
    let runningMs = performance.now();
    t.mock.method(performance, 'now', () => runningMs);
    t.mock.method(Date, 'now', () => 0);
    for (let second = 0; second < 30; second++) {
      runningMs += 1000;
      await pass(t, 1);
    }
    assert.ok(lock.lost.aborted);
  });

  test('before it expires, and goes at the end when nobody else has taken it', async (t) => {
    const store = leaseStore();
    const lock = await hold(t, store);
    t.mock.timers.setTime(Date.now() + 40_000);
    await pass(t, 11);
    assert.ok(lock.lost.aborted);
    await lock.release();
    assert.equal(store.lease, undefined);
  });

  test('and another’s Lease is left alone, when it was taken over while this process slept', async (t) => {
    const store = leaseStore();
    const lock = await hold(t, store);
    const { metadata } = store.lease ?? theirs(0);
    store.lease = { ...theirs(0), metadata: { ...metadata, resourceVersion: '99' } };
    await lock.release();
    assert.equal(store.lease.spec?.holderIdentity, 'jane@laptop restore-x');
  });
});
