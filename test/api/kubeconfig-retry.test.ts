/** Servers that say when to come back, and time that runs out: as often, as long and with the words of kubectl. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { describe, test } from 'node:test';
import { assertSameRequest, assertSameWords } from './kubectl/compare.ts';
import { base64, kubeconfig } from './kubectl/configs.ts';
import type { Respond } from './kubectl/recorder.ts';
import { answerList, authority, record } from './kubectl/recorder.ts';

const ca = base64(authority.certificate);
const files = (server: string): Record<string, object> => ({
  '.kube/config': kubeconfig({ cluster: { server, 'certificate-authority-data': ca }, user: { token: 'secret' } }),
});

const refuse = (response: http.ServerResponse, code: number, retryAfter: string): void => {
  const body = {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    code,
    reason: 'TooManyRequests',
    message: 'come back',
  };
  response.writeHead(code, { 'Content-Type': 'application/json', 'Retry-After': retryAfter });
  response.end(JSON.stringify(body));
};

describe('a server that says when to come back (Retry-After)', { concurrency: 3 }, () => {
  /** `times` it refuses; `requests` is what each program sends. */
  const cases: [name: string, code: number, retryAfter: string, times: number, requests: number][] = [
    ['under load, for a moment', 429, '1', 2, 3],
    ['restarting', 503, '1', 2, 3],
    ['restarting, and doesn’t come back', 503, '0', Infinity, 11],
    ['under load, for long', 429, '0', Infinity, 11],
    ['with an error of its own', 500, '0', 3, 4],
    ['behind a gateway', 502, '0', 1, 2],
    ['in negative seconds', 503, '-1', 1, 2],
    ['with a sign', 503, '+0', 1, 2],
    ['with a date', 503, 'Wed, 21 Oct 2026 07:28:00 GMT', 1, 1],
    ['in parts of seconds', 503, '0.5', 1, 1],
    ['with a word', 429, 'soon', 1, 1],
    ['with what is no passing state', 403, '0', 1, 1],
    ['with a conflict', 409, '0', 1, 1],
  ];
  for (const [name, code, retryAfter, times, requests] of cases) {
    test(name, async (t) => {
      let lists = 0;
      const respond: Respond = (request, response) => {
        // Each program is refused as often.
        const turn = request.url?.includes('/volumesnapshots') === true ? lists++ % requests : 0;
        if (turn < times) refuse(response, code, retryAfter);
        else answerList(request, response);
      };
      const recorder = await record(t, { respond });
      await assertSameRequest(recorder, { files: files(recorder.url), deadlineMs: 40_000 });
      assert.equal(lists, 2 * requests);
    });
  }
});

describe('--request-timeout ends the command', { concurrency: 3 }, () => {
  const ended = async (t: Parameters<typeof record>[0], respond: Respond, timeout = '3s') => {
    const recorder = await record(t, { respond });
    return assertSameRequest(recorder, { files: files(recorder.url), flags: [`--request-timeout=${timeout}`] });
  };

  test('while it waits to come back', async (t) => {
    await ended(t, (_, response) => {
      refuse(response, 503, '100');
    });
  });

  test('at the second attempt', async (t) => {
    let turn = 0;
    await ended(t, (_, response) => {
      if (turn++ % 2 === 0) refuse(response, 503, '1');
    });
  });

  test('after the head of the answer', async (t) => {
    await ended(t, (_, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' }).write('{"kind":');
    });
  });

  test('but not when it is 0', async (t) => {
    await ended(
      t,
      (request, response) => {
        setTimeout(() => {
          answerList(request, response);
        }, 1500);
      },
      '0',
    );
  });
});

test('a server that takes connections and does nothing more is left after 10 s', async (t) => {
  const server = createServer((socket) => socket.on('error', () => undefined));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => server.close());
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { stderr } = await assertSameWords({ files: files(url), servers: [url], deadlineMs: 40_000 });
  assert.match(stderr, /TLS handshake timeout/);
});
