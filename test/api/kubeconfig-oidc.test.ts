/** OpenID Connect: the same tokens go to the provider and to the server, and come to stand in the kubeconfig. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { parseYaml } from '../../src/cluster/kubeconfig/yaml.ts';
import type { Finished, Invocation } from './kubectl/both.ts';
import { runKubectl, runOurs } from './kubectl/both.ts';
import { assertSameWords } from './kubectl/compare.ts';
import { base64, kubeconfig } from './kubectl/configs.ts';
import { authority, record } from './kubectl/recorder.ts';

/** Nobody checks the signature but the server. */
const idToken = (name: string, expiresAtMs: number): string =>
  [{ alg: 'none' }, { sub: name, exp: expiresAtMs / 1000 }, name]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
const old = idToken('old', Date.now() - 1000);
const good = idToken('good', Date.now() + 3_600_000);
const fresh = idToken('fresh', Date.now() + 3_600_000);

interface Provider {
  url: string;
  /** Method, path, authorization and body of each request. */
  log: string[];
}

interface Answers {
  metadata?: (url: string) => [number, object | string];
  token?: (authorization: string, body: string) => [number, object | string];
}

const named = (url: string): [number, object] => [200, { token_endpoint: `${url}/token` }];
const both = (): [number, object] => [
  200,
  { id_token: fresh, refresh_token: 'next', access_token: 'a', token_type: 'Bearer' },
];

async function provider(t: TestContext, { metadata = named, token = both }: Answers = {}): Promise<Provider> {
  const { certificate, key } = authority.issueServer({ commonName: 'provider' }, ['127.0.0.1']);
  const log: string[] = [];
  const server = https.createServer({ cert: certificate, key }, (request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.once('end', () => {
      const { method = '', url: path = '', headers } = request;
      const sorted = [...new URLSearchParams(body)].sort().join(' ');
      log.push([method, path, headers.authorization ?? '', sorted].join(' ').trim());
      const isMetadata = path.includes('.well-known');
      const [status, answer] = isMetadata ? metadata(url) : token(headers.authorization ?? '', body);
      response.writeHead(status, { 'Content-Type': typeof answer === 'string' ? 'text/html' : 'application/json' });
      response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url, log };
}

const settings = (issuer: string): Record<string, string> => ({
  'idp-issuer-url': issuer,
  'client-id': 'me:%',
  'client-secret': 's&cret',
  'refresh-token': 'first',
  'id-token': old,
  'idp-certificate-authority-data': base64(authority.certificate),
});

function invocationOf(server: string, config: object, name = 'oidc'): Invocation {
  const cluster = { server, 'certificate-authority-data': base64(authority.certificate) };
  const content = kubeconfig({ cluster, user: { 'auth-provider': { name, config } } });
  return { files: { '.kube/config': content }, servers: [server] };
}

const savedBy = ({ folder }: Finished): unknown => {
  const config = parseYaml(readFileSync(join(folder, '.kube/config'), 'utf8')) as { users: object[] };
  assert.ok(!existsSync(join(folder, '.kube/config.lock')));
  return config.users;
};

/** Runs both: the provider is asked the same, the server sees the same, and the same is saved. */
async function assertSame(
  t: TestContext,
  config: (issuer: string) => object,
  answers: Answers,
  sent: string,
): Promise<string[]> {
  const recorder = await record(t);
  const idp = await provider(t, answers);
  const invocation = invocationOf(recorder.url, config(idp.url));
  const kubectl = await runKubectl(invocation);
  const asked = idp.log.splice(0);
  const ours = await runOurs(invocation);
  assert.equal(ours.stderr, kubectl.stderr);
  assert.deepEqual(idp.log, asked);
  assert.deepEqual(
    recorder.recorded.map(({ authorization }) => authorization),
    [`Bearer ${sent}`, `Bearer ${sent}`],
  );
  assert.deepEqual(savedBy(ours), savedBy(kubectl));
  return asked;
}

describe('an id-token', { concurrency: 3 }, () => {
  test('that is still good is used', async (t) => {
    const asked = await assertSame(t, (issuer) => ({ ...settings(issuer), 'id-token': good }), {}, good);
    assert.deepEqual(asked, []);
  });

  test('that has expired is renewed, and both tokens are saved', async (t) => {
    const asked = await assertSame(t, settings, {}, fresh);
    assert.deepEqual(asked, [
      'GET /.well-known/openid-configuration',
      `POST /token Basic ${base64('me%3A%25:s%26cret')} grant_type,refresh_token refresh_token,first`,
    ]);
  });

  test('that is missing is asked for', (t) =>
    assertSame(t, (issuer) => ({ ...settings(issuer), 'id-token': undefined }), {}, fresh).then(() => undefined));

  test('is renewed without a new refresh token, and without a secret', async (t) => {
    const token = (): [number, object] => [200, { id_token: fresh, access_token: 'a', token_type: 'Bearer' }];
    await assertSame(t, (issuer) => ({ ...settings(`${issuer}/`), 'client-secret': undefined }), { token }, fresh);
  });

  test('is renewed by a provider that wants the secret in the form', async (t) => {
    const token = (authorization: string): [number, object] =>
      authorization === '' ? both() : [401, { error: 'invalid_client' }];
    assert.equal((await assertSame(t, settings, { token }, fresh)).length, 3);
  });
});

describe('a provider that', { concurrency: 3 }, () => {
  const refused: Record<string, { config?: Record<string, string | undefined>; answers?: Answers; differs?: RegExp }> =
    {
      'needs a refresh token, and there is none': { config: { 'refresh-token': undefined } },
      'has no address': { config: { 'idp-issuer-url': '' } },
      'knows no client': { config: { 'client-id': undefined } },
      'is not the one that the authority speaks for': { config: { 'idp-certificate-authority-data': undefined } },
      'is away': { config: { 'idp-issuer-url': 'https://127.0.0.1:1' } },
      'gave no token': { config: { 'id-token': 'x' } },
      'answers with a page': { answers: { metadata: () => [404, 'x'.repeat(100)] } },
      'says no endpoint': { answers: { metadata: () => [200, {}] } },
      'refuses the token': {
        answers: { token: () => [400, { error: 'invalid_grant', error_description: 'used up' }] },
      },
      'gives no id-token': { answers: { token: () => [200, { access_token: 'a', token_type: 'Bearer' }] } },
    };
  for (const [name, { config = {}, answers = {}, differs }] of Object.entries(refused)) {
    test(name, async (t) => {
      const recorder = await record(t);
      const idp = await provider(t, answers);
      await assertSameWords(invocationOf(recorder.url, { ...settings(idp.url), ...config }), differs);
      assert.equal(recorder.recorded.length, 0);
    });
  }

  for (const name of ['gcp', 'azure', 'own']) {
    test(`is called ${name}`, async () => {
      await assertSameWords(invocationOf('https://127.0.0.1:1', {}, name));
    });
  }
});
