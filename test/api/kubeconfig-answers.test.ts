/** Servers that don't answer, or not as they should: kubectl's words and ours. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { aged } from './kubectl/aged.ts';
import { runKubectl, runOurs } from './kubectl/both.ts';
import { assertSameRequest, assertSameWords } from './kubectl/compare.ts';
import { base64, kubeconfig } from './kubectl/configs.ts';
import type { Recorder, Respond } from './kubectl/recorder.ts';
import { answerList, authority, record } from './kubectl/recorder.ts';

const ca = base64(authority.certificate);
const files = (server: string): Record<string, object> => ({
  '.kube/config': kubeconfig({ cluster: { server, 'certificate-authority-data': ca }, user: { token: 'secret' } }),
});

const reply = (
  response: http.ServerResponse,
  code: number,
  body: unknown,
  headers: http.OutgoingHttpHeaders = {},
): void => {
  const isText = typeof body === 'string';
  response.writeHead(code, { 'Content-Type': isText ? 'text/html; charset=utf-8' : 'application/json', ...headers });
  response.end(isText ? body : JSON.stringify(body));
};
const status = (code: number, reason: string, message: string, more: object = {}): object => ({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  code,
  reason,
  message,
  ...more,
});
const html = '<html>\n<h1>no</h1>\n</html>\n';
const always =
  (code: number, body: unknown, headers: http.OutgoingHttpHeaders = {}): Respond =>
  (_, response) => {
    reply(response, code, body, headers);
  };
const causes = [
  { field: 'spec.a', message: 'bad' },
  { field: 'spec.a', message: 'bad' },
  { field: 'spec.b', message: 'worse' },
];

const answers: Record<string, { respond: Respond; flags?: string[] }> = {
  '401 with a Status': { respond: always(401, status(401, 'Unauthorized', 'Unauthorized')) },
  '401 with a page': { respond: always(401, html) },
  '403 with a Status': { respond: always(403, status(403, 'Forbidden', 'volumesnapshots is forbidden: no')) },
  '403 with a page': { respond: always(403, html) },
  '403 with nothing': { respond: always(403, '') },
  '405 with a page': { respond: always(405, html) },
  '406 with a page': { respond: always(406, html) },
  '409 with a page': { respond: always(409, html) },
  '415 with a page': { respond: always(415, html) },
  '418 with a page': { respond: always(418, html) },
  '422 with causes': {
    respond: always(
      422,
      status(422, 'Invalid', 'x is invalid', { details: { kind: 'VolumeSnapshot', name: 'x', causes } }),
    ),
  },
  '422 with one cause': {
    respond: always(
      422,
      status(422, 'Invalid', 'x is invalid', { details: { kind: 'VolumeSnapshot', causes: causes.slice(0, 1) } }),
    ),
  },
  '422 without details': { respond: always(422, status(422, 'Invalid', 'x is invalid')) },
  '422 with a page': { respond: always(422, html) },
  '429 with a page': { respond: always(429, html) },
  '500 with a page': { respond: always(500, html) },
  '500 with nothing': { respond: always(500, '') },
  '500 with other JSON': { respond: always(500, { message: 'x', code: 5 }) },
  '500 without a reason': { respond: always(500, status(500, '', 'etcd is away')) },
  '502 with a page': { respond: always(502, html) },
  '503 with a page': { respond: always(503, html) },
  '503 with a Status': { respond: always(503, status(503, 'ServiceUnavailable', 'wait')) },
  '504 with a page': { respond: always(504, html) },
  'an answer that never comes': { respond: () => undefined, flags: ['--request-timeout=4s'] },
};

describe(`answers (${Object.keys(answers).length} cases)`, { concurrency: 3 }, () => {
  for (const [name, { respond, flags = [] }] of Object.entries(answers)) {
    test(name, async (t) => {
      const recorder = await record(t, { respond });
      await assertSameRequest(recorder, { files: files(recorder.url), flags });
    });
  }
});

describe('an answer that is lost: kubectl asks ten times more, we wait only for a server that has answered before', () => {
  test('by an end', async (t) => {
    const recorder = await record(t, { respond: ({ socket }) => socket.end() });
    await assertSameRequest(recorder, { files: files(recorder.url) }, true);
  });

  test('by a reset', async (t) => {
    const recorder: Recorder = await record(t, {
      respond: () => {
        recorder.cut();
      },
    });
    const invocation = { files: files(recorder.url), servers: [recorder.url] };
    // kubectl puts the address in front, and the attempt before behind.
    await assertSameWords(invocation, /^Unable to connect to the server: read tcp: read: connection reset by peer\n$/);
  });
});

describe('a server that is not the one', { concurrency: 3 }, () => {
  const refused = (server: string, flags: string[] = []) =>
    assertSameWords({ files: files(server), servers: [server], flags });

  test('a port where nobody listens', async () => {
    const { stderr } = await refused('https://127.0.0.1:1');
    assert.match(stderr, /^The connection to the server 127\.0\.0\.1:1 was refused/);
  });

  test('a name that nobody knows', async () => {
    const { stderr } = await refused('https://no-such-host.invalid:6443');
    assert.match(stderr, /no such host/);
  });

  test('a plain server asked by TLS', async (t) => {
    const { port } = await record(t, { plain: true });
    const { stderr } = await refused(`https://127.0.0.1:${port}`);
    assert.match(stderr, /HTTP response to HTTPS client/);
  });

  test('one that says nothing', async (t) => {
    await refused(`https://127.0.0.1:${await silent(t)}`, ['--request-timeout=4s']);
  });

  test('one whose certificate has names only', async (t) => {
    const { url } = await record(t, { names: ['localhost'] });
    assert.match((await refused(url)).stderr, /doesn't contain any IP SANs/);
  });

  test('one whose certificate is for clients', async (t) => {
    const certificate = authority.issueClient({ commonName: 'localhost' });
    const { port } = await record(t, { certificate: () => certificate });
    const server = `https://localhost:${port}`;
    // Go looks at the name first.
    await assertSameWords(
      { files: files(server), servers: [server] },
      /certificate specifies an incompatible key usage/,
    );
  });

  for (const [name, from, to] of [
    ['has expired', '2020-01-01', '2020-02-01'],
    ['is of the future', '2040-01-01', '2040-02-01'],
  ] as const) {
    test(`one whose certificate ${name}`, async (t) => {
      const now = authority.issueServer({ commonName: 'server' }, ['127.0.0.1']);
      const certificate = aged(now, new Date(from), new Date(to), authority);
      const { url } = await record(t, { certificate: () => certificate });
      assert.match((await refused(url)).stderr, /current time/);
    });
  }
});

/** Takes connections, and never says a word. */
async function silent(t: TestContext): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => undefined));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

describe('an answer of no API server: kubectl’s words are about its decoder', { concurrency: 3 }, () => {
  const bodies: Record<string, [Respond, RegExp]> = {
    'a page': [always(200, html), /<h1>no<\/h1>/],
    'half of a JSON': [always(200, '{"kind":', { 'Content-Type': 'application/json' }), /\{"kind":/],
  };
  for (const [name, [respond, words]] of Object.entries(bodies)) {
    test(name, async (t) => {
      const { url } = await record(t, { respond });
      await assertSameWords({ files: files(url), servers: [url] }, words);
    });
  }
});

describe('redirects', () => {
  test('are followed on the same server', async (t) => {
    const recorder = await record(t, {
      respond: (request, response) => {
        if (request.url?.startsWith('/moved') === true) answerList(request, response);
        else reply(response, 302, '', { Location: `/moved${request.url ?? ''}` });
      },
    });
    const seen = await assertSameRequest(recorder, { files: files(recorder.url) });
    assert.equal(seen?.authorization, 'Bearer secret');
  });

  test('have an end', async (t) => {
    const recorder = await record(t, { respond: always(302, '', { Location: '/again' }) });
    await assertSameRequest(recorder, { files: files(recorder.url) });
  });

  test('to another server are not followed: kubectl would show it the token', async (t) => {
    const other = await record(t);
    const recorder = await record(t, { respond: always(302, '', { Location: `${other.url}/x` }) });
    const { stderr, code } = await runOurs({ files: files(recorder.url) });
    assert.equal(stderr, `Unable to connect to the server: it redirects to ${other.url}, which is another server\n`);
    assert.deepEqual([code, other.recorded.length], [1, 0]);
  });
});

describe('warnings', () => {
  const warned: Record<string, string | string[]> = {
    one: '299 - "snapshots are old"',
    'the same twice': ['299 - "a"', '299 - "a"'],
    'several in one header': '299 - "a, b", 299 kube "c \\"d\\"" "Wed, 21 Oct 2015 07:28:00 GMT"',
    'of another code': '199 - "a"',
    'without quotes': '299 - a',
    'with letters beyond ASCII': Buffer.from('299 - "größer"').toString('latin1'),
    'with a control character': '299 - "a\\\tb", 299 - "c"',
  };
  for (const [name, header] of Object.entries(warned)) {
    test(name, async (t) => {
      const recorder = await record(t, {
        respond: (request, response) => {
          response.setHeader('Warning', header);
          answerList(request, response);
        },
      });
      await assertSameRequest(recorder, { files: files(recorder.url) });
    });
  }

  const environments: [env: Record<string, string>, isColoured: boolean][] = [
    [{ TERM: 'xterm' }, true],
    [{ TERM: 'dumb' }, false],
    [{ TERM: 'xterm', NO_COLOR: '1' }, false],
  ];
  for (const [env, isColoured] of environments) {
    test(`on a terminal, ${JSON.stringify(env)}`, async (t) => {
      const respond: Respond = (request, response) => {
        response.setHeader('Warning', ['299 - "old"', '299 - "older"', '299 - "old"']);
        answerList(request, response);
      };
      const { url } = await record(t, { respond });
      const invocation = { files: files(url), servers: [url], env, terminal: true };
      const { stdout } = await runKubectl(invocation);
      assert.equal((await runOurs(invocation)).stdout, stdout);
      assert.equal(stdout.includes('\u001b[33;1mWarning:\u001b[0m older'), isColoured);
    });
  }

  test('beside an error', async (t) => {
    const body = status(403, 'Forbidden', 'no');
    const recorder = await record(t, { respond: always(403, body, { Warning: '299 - "a"' }) });
    await assertSameRequest(recorder, { files: files(recorder.url) });
  });
});
