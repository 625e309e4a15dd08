/** What -v shows: enough to find what is wrong, and nothing that lets another in. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { maskedValue } from '../../src/cluster/transport/trace.ts';
import type { Finished } from './kubectl/both.ts';
import { runKubectl, runOurs } from './kubectl/both.ts';
import { base64, kubeconfig } from './kubectl/configs.ts';
import { authority, record } from './kubectl/recorder.ts';

const traced = async (url: string, level: number, run = runOurs): Promise<Finished> => {
  const cluster = { server: url, 'certificate-authority-data': base64(authority.certificate) };
  const files = { '.kube/config': kubeconfig({ cluster, user: { token: 'secret-token', as: 'jane' } }) };
  return run({ files, flags: [`-v=${level}`], servers: [url] });
};

const path = '/apis/snapshot.storage.k8s.io/v1/namespaces/default/volumesnapshots';

describe('the trace', { concurrency: 3 }, () => {
  /** By level: what is there from it on. */
  const parts: [number, RegExp, number?][] = [
    [6, new RegExp(`GET https://127\\.0\\.0\\.1:\\d+${path}\\?limit=500\\S* 200 in \\d+ ms`), 6],
    [7, /^Request Headers:$/m],
    [7, /^ {4}Authorization: Bearer <masked>$/m],
    [7, /^ {4}Impersonate-User: jane$/m],
    [8, /^Response Headers:$/m],
    [8, /^ {4}Content-Encoding: gzip$/m],
    [8, /^Response Body: \{"kind":"Table"/m],
    [9, /^curl -v -XGET .*-H "Authorization: Bearer <masked>".* 'https:\/\//m],
  ];
  for (const level of [0, 5, 6, 7, 8, 9, 10]) {
    test(`at level ${level}`, async (t) => {
      const { stderr, stdout } = await traced((await record(t)).url, level);
      assert.match(stdout, /^NAME/);
      for (const [from, part, to = Infinity] of parts) {
        if (level >= from && level <= to) assert.match(stderr, part);
        else if (level < from) assert.doesNotMatch(stderr, part);
      }
      if (level < 6) assert.equal(stderr, '');
      assert.doesNotMatch(stderr, /secret-token/);
    });
  }

  test('masks what kubectl masks', async (t) => {
    const { stderr } = await traced((await record(t)).url, 9, runKubectl);
    assert.match(stderr, /Bearer <masked>/);
    assert.doesNotMatch(stderr, /secret-token/);
    assert.deepEqual(
      ['Bearer x', 'basic x', 'Negotiate', 'secret', 'Digest x', ''].map((value) =>
        maskedValue('authorization', value),
      ),
      ['Bearer <masked>', 'basic <masked>', 'Negotiate', '<masked>', '<masked>', ''],
    );
  });

  test('cuts a long body, and shows one that is a failure', async (t) => {
    const long = JSON.stringify({
      kind: 'Status',
      status: 'Failure',
      code: 403,
      reason: 'Forbidden',
      message: 'x'.repeat(3000),
    });
    const recorder = await record(t, {
      respond: (_, response) => response.writeHead(403, { 'Content-Type': 'application/json' }).end(long),
    });
    const { stderr } = await traced(recorder.url, 8);
    assert.match(stderr, /^Response Body: .{1024} \[truncated \d+ chars\]$/m);
    assert.match(stderr, /^Response Status: 403 Forbidden in \d+ ms$/m);
  });

  test('shows that no answer came', async () => {
    const { stderr } = await traced('https://127.0.0.1:1', 6);
    assert.match(stderr, /^GET https:\/\/127\.0\.0\.1:1\/\S+ no answer in \d+ ms$/m);
  });
});
