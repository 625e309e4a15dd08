/** Who the server sees, and how it is checked: the same from kubectl and from us. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { createAuthority } from '../cluster/certificates.ts';
import type { Finished, Invocation } from './kubectl/both.ts';
import { runKubectl, runOurs } from './kubectl/both.ts';
import { assertSameRequest } from './kubectl/compare.ts';
import { base64, kubeconfig } from './kubectl/configs.ts';
import type { Recorded, Recorder } from './kubectl/recorder.ts';
import { authority, record } from './kubectl/recorder.ts';

interface Case {
  user?: object;
  /** Beside the server and its authority. */
  cluster?: object;
  context?: object;
  more?: Omit<Invocation, 'servers'>;
  /** What the server must have seen; absent: nothing. */
  seen?: Partial<Recorded>;
}

const jane = authority.issueClient({ commonName: 'jane' });
const other = authority.issueClient({ commonName: 'other' });
const ca = base64(authority.certificate);
const janeData = { 'client-certificate-data': base64(jane.certificate), 'client-key-data': base64(jane.key) };
const token = { token: 'secret' };
const bearer = { authorization: 'Bearer secret' };

const cases: Record<string, Case> = {
  'a token': {
    user: token,
    seen: {
      ...bearer,
      encoding: 'gzip',
      serverName: '',
      path: '/apis/snapshot.storage.k8s.io/v1/namespaces/default/volumesnapshots',
    },
  },
  'the namespace of the context': {
    user: token,
    context: { namespace: 'kafka' },
    seen: { path: '/apis/snapshot.storage.k8s.io/v1/namespaces/kafka/volumesnapshots' },
  },
  'all namespaces': {
    user: token,
    more: { flags: ['-A'] },
    seen: { path: '/apis/snapshot.storage.k8s.io/v1/volumesnapshots' },
  },
  '--token over the kubeconfig’s': {
    user: token,
    more: { flags: ['--token', 'mine'] },
    seen: { authorization: 'Bearer mine' },
  },
  '--user': {
    user: {},
    more: { flags: ['--user', 'the-user', '--token', 'mine'] },
    seen: { authorization: 'Bearer mine' },
  },
  'a token file beside the kubeconfig': {
    user: { tokenFile: 'token' },
    more: { files: { '.kube/token': ' of-file\n' } },
    seen: { authorization: 'Bearer of-file' },
  },
  'a token file that is missing': { user: { tokenFile: 'token' } },
  'a token and a token file': {
    user: { token: 'old', tokenFile: 'token' },
    more: { files: { '.kube/token': 'of-file' } },
    seen: { authorization: 'Bearer of-file' },
  },
  'a token and a token file that is missing': {
    user: { token: 'old', tokenFile: 'x' },
    seen: { authorization: 'Bearer old' },
  },
  'a token that no header can hold': { user: { token: 'a\nb' } },
  'a password': { user: { username: 'u', password: 'p:ü' }, seen: { authorization: `Basic ${base64('u:p:ü')}` } },
  'a name without a password': { user: { username: 'u' }, seen: { authorization: `Basic ${base64('u:')}` } },
  'a certificate as data': { user: janeData, seen: { certificate: 'jane', authorization: '' } },
  'a certificate in files': {
    user: { 'client-certificate': 'jane.crt', 'client-key': 'keys/jane.key' },
    more: { files: { '.kube/jane.crt': jane.certificate, '.kube/keys/jane.key': jane.key } },
    seen: { certificate: 'jane' },
  },
  'a certificate and a token': { user: { ...janeData, ...token }, seen: { ...bearer, certificate: 'jane' } },
  'a certificate by flags over data': {
    user: janeData,
    more: { flags: ['--client-certificate=c', '--client-key=k'], files: { c: other.certificate, k: other.key } },
    seen: { certificate: 'other' },
  },
  'a certificate with the key of another': {
    user: { ...janeData, 'client-key-data': base64(other.key) },
  },
  'a certificate that is none': { user: { ...janeData, 'client-certificate-data': base64('x') } },
  'a key that is none': { user: { ...janeData, 'client-key-data': base64('x') } },
  'a certificate in the place of the key': {
    user: {
      'client-certificate-data': janeData['client-key-data'],
      'client-key-data': janeData['client-certificate-data'],
    },
  },
  impersonation: {
    user: { ...token, as: 'bob', 'as-uid': '7', 'as-groups': ['a', 'b'], 'as-user-extra': { 'scope/x%': ['1', '2'] } },
    seen: {
      ...bearer,
      impersonation: [
        'impersonate-extra-scope%2fx%25: 1',
        'impersonate-extra-scope%2fx%25: 2',
        'impersonate-group: a',
        'impersonate-group: b',
        'impersonate-uid: 7',
        'impersonate-user: bob',
      ],
    },
  },
  'impersonation by flags': {
    user: token,
    more: {
      flags: [
        '--as=bob',
        '--as-group=a',
        '--as-group=b,c',
        '--as-uid=8',
        '--as-user-extra=k=v=w',
        '--as-user-extra=nothing',
      ],
    },
    seen: {
      impersonation: [
        'impersonate-extra-k: v=w',
        'impersonate-group: a',
        'impersonate-group: b,c',
        'impersonate-uid: 8',
        'impersonate-user: bob',
      ],
    },
  },
  'impersonation by flags over the kubeconfig’s': {
    user: { ...token, as: 'bob', 'as-groups': ['a'], 'as-user-extra': { x: ['1'], y: ['2'] } },
    more: { flags: ['--as=eve', '--as-group=z', '--as-user-extra=x=3'] },
    seen: {
      impersonation: [
        'impersonate-extra-x: 3',
        'impersonate-extra-y: 2',
        'impersonate-group: z',
        'impersonate-user: eve',
      ],
    },
  },
  'no compression': { user: token, cluster: { 'disable-compression': true }, seen: { encoding: '' } },
  'no compression by flag': { user: token, more: { flags: ['--disable-compression'] }, seen: { encoding: '' } },
  'a time limit': { user: token, more: { flags: ['--request-timeout=90s'] }, seen: { timeout: '1m30s' } },
  'a time limit in seconds': { user: token, more: { flags: ['--request-timeout', '7'] }, seen: { timeout: '7s' } },
  'a time limit below a second': {
    user: token,
    more: { flags: ['--request-timeout', '9999500us'] },
    seen: { timeout: '9.9995s' },
  },
  'a name for the certificate': {
    user: token,
    cluster: { 'tls-server-name': 'localhost' },
    seen: { serverName: 'localhost' },
  },
  'a name for the certificate by flag': {
    user: token,
    more: { flags: ['--tls-server-name=localhost'] },
    seen: { serverName: 'localhost' },
  },
  'a name that isn’t in the certificate': { user: token, cluster: { 'tls-server-name': 'elsewhere' } },
  'an address that isn’t in the certificate': { user: token, cluster: { 'tls-server-name': '10.0.0.1' } },
  'another authority': {
    user: token,
    cluster: { 'certificate-authority-data': base64(createAuthority({ commonName: 'stranger' }).certificate) },
  },
  'no authority': { user: token, cluster: { 'certificate-authority-data': undefined } },
  'an authority of the machine': {
    user: token,
    cluster: { 'certificate-authority-data': undefined },
    more: { env: { SSL_CERT_FILE: 'ca.crt' }, files: { 'ca.crt': authority.certificate } },
    seen: bearer,
  },
  'an authority in a file': {
    user: token,
    cluster: { 'certificate-authority-data': undefined, 'certificate-authority': 'ca.crt' },
    more: { files: { '.kube/ca.crt': authority.certificate } },
    seen: bearer,
  },
  'an authority by flag over another': {
    user: token,
    cluster: { 'certificate-authority-data': base64('x') },
    more: { flags: ['--certificate-authority=ca.crt'], files: { 'ca.crt': authority.certificate } },
    seen: bearer,
  },
  'an authority by flag that is missing': { user: token, more: { flags: ['--certificate-authority=ca.crt'] } },
  'an authority that is no PEM': { user: token, cluster: { 'certificate-authority-data': base64('x') } },
  'an authority that is a key': { user: token, cluster: { 'certificate-authority-data': base64(jane.key) } },
  'no check of the server': {
    user: token,
    cluster: { 'certificate-authority-data': undefined, 'insecure-skip-tls-verify': true },
    seen: bearer,
  },
  'no check of the server by flag': { user: token, more: { flags: ['--insecure-skip-tls-verify'] }, seen: bearer },
  'no check of the server, and an authority': { user: token, cluster: { 'insecure-skip-tls-verify': true } },
  'no check of the server by flag, and an authority by flag': {
    user: token,
    more: { flags: ['--insecure-skip-tls-verify', '--certificate-authority=/dev/null'] },
  },
};

function invocationOf({ user = {}, cluster = {}, context = {}, more = {} }: Case, { url }: Recorder): Invocation {
  const content = kubeconfig({ cluster: { server: url, 'certificate-authority-data': ca, ...cluster }, user, context });
  return { ...more, files: { '.kube/config': content, ...more.files } };
}

describe(`credentials and trust (${Object.keys(cases).length} cases)`, { concurrency: 3 }, () => {
  for (const [name, one] of Object.entries(cases)) {
    test(name, async (t) => {
      const recorder = await record(t);
      const seen = await assertSameRequest(recorder, invocationOf(one, recorder));
      if (one.seen === undefined) assert.equal(seen, undefined);
      else assert.partialDeepStrictEqual(seen, { method: 'GET', ...one.seen });
    });
  }
});

describe('where kubectl would ask for a name and a password, which no server takes any more', () => {
  const run = async (t: TestContext, user: object): Promise<{ ours: Finished; seen: Recorded | undefined }> => {
    const recorder = await record(t);
    const invocation = invocationOf({ user }, recorder);
    const kubectl = await runKubectl({ ...invocation, servers: [recorder.url] });
    assert.match(kubectl.stdout, /^Please enter Username/);
    return { ours: await runOurs(invocation), seen: recorder.recorded[0] };
  };

  test('a user without anything is let through to the server, which says what it thinks of it', async (t) => {
    const { ours, seen } = await run(t, {});
    assert.deepEqual([ours.code, seen?.authorization, seen?.certificate], [0, '', '']);
  });

  test('an empty token file is named', async (t) => {
    const { ours, seen } = await run(t, { tokenFile: '/dev/null' });
    assert.equal(ours.stderr, 'error: read empty token from file "/dev/null"\n');
    assert.equal(seen, undefined);
  });
});

test('a plain server sees no secret, but who is impersonated', async (t) => {
  const recorder = await record(t, { plain: true });
  const content = kubeconfig({ cluster: { server: recorder.url }, user: { ...token, as: 'bob' } });
  const seen = await assertSameRequest(recorder, { files: { '.kube/config': content } });
  assert.partialDeepStrictEqual(seen, { authorization: '', impersonation: ['impersonate-user: bob'] });
});

test('a path of the server goes in front', async (t) => {
  const recorder = await record(t);
  const cluster = { server: `${recorder.url}/k8s/c-1/`, 'certificate-authority-data': ca };
  const files = { '.kube/config': kubeconfig({ cluster, user: token }) };
  const seen = await assertSameRequest(recorder, { files, servers: [`${recorder.url}/k8s/c-1/`] });
  assert.equal(seen?.path, '/k8s/c-1/apis/snapshot.storage.k8s.io/v1/namespaces/default/volumesnapshots');
});
