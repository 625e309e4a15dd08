/** All checks over an API server that refuses, or has little. */
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import type { Report } from '../../../src/velero/doctor/examine.ts';
import { examine } from '../../../src/velero/doctor/examine.ts';
import { findVeleros } from '../../../src/velero/find.ts';
import type { Answer, ApiServer } from '../../api/server.ts';
import { cut, refuse, reply, serve } from '../../api/server.ts';
import { ago, backup, home, hoursAgo, nowMs, server } from './objects.ts';

interface Examined {
  report: Report;
  api: ApiServer;
  /** What a check says, in one text. */
  says: (name: string) => string;
}

async function examined(t: TestContext, answer: Answer, veleroNamespace?: string): Promise<Examined> {
  const api = await serve(t, answer);
  const { signal } = new AbortController();
  const options = { veleroNamespace, namespace: undefined, storeAddress: undefined, nowMs, ago, signal };
  const report = await examine(api.open(), options);
  const says = (name: string): string => {
    const check = report.checks.find((one) => one.name === name);
    const findings =
      check?.findings.map(({ about, problem, remedy }) => `${about} ${problem} -> ${remedy ?? ''}`) ?? [];
    return `${check?.state ?? 'absent'}: ${[...findings, ...(check?.seen ?? [])].join('\n')}`;
  };
  return { report, api, says };
}

function list(response: ServerResponse, items: object[] = []): void {
  reply(response, 200, { apiVersion: 'v1', metadata: { resourceVersion: '1' }, items });
}

/** In the words of the API server. */
function forbid(response: ServerResponse, what: string): void {
  const message = `${what.split('.')[0] ?? ''}.x is forbidden: User "jane" cannot list resource "${what}" in API group "g" at the cluster scope`;
  reply(response, 403, { kind: 'Status', status: 'Failure', code: 403, reason: 'Forbidden', message });
}

const location = (namespace: string): object => ({
  metadata: { name: 'default', namespace },
  spec: { default: true },
  status: { phase: 'Available', lastValidationTime: hoursAgo(0) },
});

describe('examine', { concurrency: true, timeout: 60_000 }, () => {
  test('says of each check that the user may not, and finds nothing wrong', async (t) => {
    const answer: Answer = ({ path }, response) => {
      forbid(response, path.slice(path.lastIndexOf('/') + 1));
    };
    const { report, api, says } = await examined(t, answer, home);
    assert.equal(report.problems, 0);
    assert.equal(report.checks.length, 9);
    assert.ok(report.checks.every(({ state }) => state === 'not checked'));
    assert.match(says('backups'), /^not checked: you may not list backups\.g in all namespaces, or cluster-wide$/);
    assert.ok(api.received.every(({ path, method }) => method === 'GET' && !path.includes('secret')));
  });

  test('says what a cluster without Velero lacks', async (t) => {
    const { report, says } = await examined(t, (_, response) => {
      refuse(response, 404, 'NotFound');
    });
    assert.match(says('server'), /^problem: Velero was not found .*backupstoragelocations/);
    assert.equal(report.veleroNamespace, undefined);
    assert.match(says('leftovers'), /^not checked: the cluster doesn't serve/);
  });

  test('asks which one where there are several', async (t) => {
    const { says } = await examined(t, ({ path }, response) => {
      list(response, path.endsWith('/backupstoragelocations') ? [location('one'), location('two')] : []);
    });
    assert.match(says('server'), /^problem: Velero is there several times: one, two -> .*--velero-namespace one$/);
    assert.match(says('classes'), /^ok: /);
  });

  test('fails where there is no answer', async (t) => {
    const broken = examined(t, (_, response) => {
      cut(response);
    });
    await assert.rejects(broken, { name: 'ClusterError', status: 0 });
  });

  test('explains a store that is not reached, and knows of Routes on OpenShift', async (t) => {
    for (const isOpenShift of [false, true]) {
      const { says, api } = await examined(t, withStore('http://127.0.0.1:1/backups/x', isOpenShift), home);
      assert.match(
        says('store files'),
        /^problem: store default the store's address 127\.0\.0\.1:1 can't be reached from here/,
      );
      assert.equal(says('store files').includes('on OpenShift a Route gives the store an address'), isOpenShift);
      assert.ok(api.received.every(({ path }) => !path.includes('secret')));
    }
  });

  test('waits for no address where the server is down', async (t) => {
    const down = withStore('', false);
    const answer: Answer = (call, response) => {
      if (call.path.endsWith('/deployments/velero')) reply(response, 200, { ...server([]), status: {} });
      else down(call, response);
    };
    const { says, api } = await examined(t, answer, home);
    assert.match(says('store files'), /^not checked: the server doesn't run/);
    assert.ok(api.received.every(({ method }) => method === 'GET'));
  });

  test('takes a store for reached that says that the file is not there', async (t) => {
    const store = await serve(t, (_, response) => {
      response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
    });
    const { says } = await examined(t, withStore(`${store.address}/backups/x`, false), home);
    assert.equal(says('store files'), 'ok: store default: a file of nightly can be read from here');
  });
});

/** One Velero with one backup, whose files it signs this address for. */
function withStore(downloadURL: string, isOpenShift: boolean): Answer {
  const watches: ServerResponse[] = [];
  const events: string[] = [];
  return ({ method, path, query, body }, response) => {
    if (query.has('watch')) {
      response.writeHead(200).flushHeaders();
      watches.push(response);
      // The request may be there before the watch is.
      for (const event of events) response.write(event);
    } else if (method === 'POST') {
      const object = { ...(body as object), status: { phase: 'Processed', downloadURL } };
      reply(response, 201, object);
      events.push(`${JSON.stringify({ type: 'ADDED', object })}\n`);
      for (const watch of watches) watch.write(events.at(-1) ?? '');
    } else if (path.endsWith('/deployments/velero')) reply(response, 200, server(['--features=EnableCSI']));
    else if (path.endsWith('/backupstoragelocations')) list(response, [location(home)]);
    else if (path.endsWith('/backups')) list(response, [backup('nightly')]);
    else if (path.endsWith('/route.openshift.io') && !isOpenShift) refuse(response, 404, 'NotFound');
    else list(response);
  };
}

describe('findVeleros', { concurrency: true, timeout: 60_000 }, () => {
  test('looks where Velero usually is, for a user who may not look everywhere', async (t) => {
    const api = await serve(t, ({ path }, response) => {
      if (path.includes('/namespaces/openshift-adp/')) list(response, [location('openshift-adp')]);
      else refuse(response, 403, 'Forbidden');
    });
    assert.deepEqual(await findVeleros(api.open()), ['openshift-adp']);
  });
});
