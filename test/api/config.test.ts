import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import { credentialSource } from '../../src/cluster/auth/credentials.ts';
import { impersonationHeaders } from '../../src/cluster/auth/impersonation.ts';
import type { ConfigFlags, Target } from '../../src/cluster/config.ts';
import { loadTarget, parseDuration } from '../../src/cluster/config.ts';
import { ClusterError } from '../../src/errors.ts';

const directory = mkdtempSync(join(tmpdir(), 'pvsnap-test-'));
after(() => {
  rmSync(directory, { recursive: true });
});

writeFileSync(join(directory, 'ca.crt'), '');
const kubeconfig = write('config', {
  'current-context': 'dev',
  clusters: [
    { name: 'dev', cluster: { server: 'https://dev:6443/', 'certificate-authority': 'ca.crt' } },
    { name: 'prod', cluster: { server: 'https://prod:6443/k8s', 'insecure-skip-tls-verify': true } },
  ],
  users: [
    { name: 'jane', user: { token: 'of-jane' } },
    {
      name: 'exec',
      user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'login', interactiveMode: 'Never' } },
    },
  ],
  contexts: [
    { name: 'dev', context: { cluster: 'dev', user: 'jane', namespace: 'kafka' } },
    { name: 'prod', context: { cluster: 'prod', user: 'exec' } },
  ],
});

function write(name: string, config: object): string {
  const path = join(directory, name);
  writeFileSync(path, JSON.stringify({ apiVersion: 'v1', kind: 'Config', ...config }));
  return path;
}

const load = (flags: ConfigFlags = {}): Target => loadTarget({ kubeconfig, ...flags });
const inShort = ({ server, namespace, user }: Target): unknown[] => [server, namespace, user.token];

describe('where requests go', () => {
  test('is the kubeconfig’s current context', () => {
    assert.deepEqual(inShort(load()), ['https://dev:6443', 'kafka', 'of-jane']);
  });

  test('follows each flag alone', () => {
    assert.deepEqual(inShort(load({ context: 'prod' })), ['https://prod:6443/k8s', 'default', undefined]);
    assert.deepEqual(inShort(load({ cluster: 'prod' })), ['https://prod:6443/k8s', 'kafka', 'of-jane']);
    assert.deepEqual(inShort(load({ user: 'exec' })), ['https://dev:6443', 'kafka', undefined]);
    assert.deepEqual(inShort(load({ namespace: 'other' })), ['https://dev:6443', 'other', 'of-jane']);
    assert.deepEqual(inShort(load({ server: 'https://else:1//' })), ['https://else:1', 'kafka', 'of-jane']);
    assert.deepEqual(inShort(load({ token: 'mine' })), ['https://dev:6443', 'kafka', 'mine']);
  });

  test('needs no kubeconfig when a server is named', () => {
    const empty = write('empty', {});
    assert.deepEqual(inShort(loadTarget({ kubeconfig: empty, server: 'https://x', token: 't' })), [
      'https://x',
      'default',
      't',
    ]);
  });

  for (const server of ['127.0.0.1:6443', 'localhost:6443', 'example.com']) {
    test(`${server}, without a scheme, is an address too`, () => {
      const target = load({ server });
      assert.match(target.server, /^https?:\/\//);
      assert.equal(new URL(target.server).host, server);
    });
  }

  test('plain http is taken, as kubectl does: kubectl proxy', () => {
    const plain = loadTarget({ kubeconfig: write('plain', {}), server: 'http://127.0.0.1:8001' });
    assert.equal(plain.server, 'http://127.0.0.1:8001');
  });
});

describe('trust and identity', () => {
  test('a CA file of the kubeconfig is found beside it', () => {
    assert.equal(load().cluster['certificate-authority'], join(directory, 'ca.crt'));
  });

  test('flags take the place of what the kubeconfig says', () => {
    const cluster = (flags: ConfigFlags): unknown => load(flags).cluster;
    assert.deepEqual(cluster({ 'insecure-skip-tls-verify': true }), {
      server: 'https://dev:6443/',
      'insecure-skip-tls-verify': true,
    });
    assert.partialDeepStrictEqual(cluster({ 'certificate-authority': '/dev/null' }), {
      'certificate-authority': '/dev/null',
    });
    assert.partialDeepStrictEqual(cluster({ 'tls-server-name': 'inside' }), { 'tls-server-name': 'inside' });
    const certificate = load({ 'client-certificate': '/dev/null', 'client-key': '/dev/null' }).user;
    assert.partialDeepStrictEqual(certificate, {
      'client-certificate': '/dev/null',
      'client-key': '/dev/null',
    });
  });

  test('a token on the command line starts no login program', async () => {
    const source = credentialSource(load({ user: 'exec', token: 'mine' }));
    assert.deepEqual(await source.current(), { authorization: 'Bearer mine' });
  });

  test('impersonation becomes headers', () => {
    const headers = (flags: ConfigFlags = {}): object => impersonationHeaders(load(flags).user);
    assert.deepEqual(headers({ as: 'a', 'as-uid': '1', 'as-group': ['g', 'h'] }), {
      'Impersonate-User': 'a',
      'Impersonate-Uid': '1',
      'Impersonate-Group': ['g', 'h'],
    });
    assert.deepEqual(headers({ as: 'a', 'as-user-extra': ['a/b=1', 'c=2=3', 'c='] }), {
      'Impersonate-User': 'a',
      'Impersonate-Extra-a%2Fb': ['1'],
      'Impersonate-Extra-c': ['2=3', ''],
    });
    assert.deepEqual(headers(), {});
  });
});

describe('what is refused', () => {
  const isRefusal = (word: string) => (error: unknown) => error instanceof ClusterError && error.message.includes(word);

  test('is named', () => {
    assert.throws(() => load({ context: 'none' }), isRefusal('context: none'));
    assert.throws(() => load({ cluster: 'none' }), isRefusal('cluster "none"'));
    assert.throws(() => load({ user: 'none' }), isRefusal('auth info "none"'));
    assert.throws(() => load({ 'as-group': ['x'] }), isRefusal('without impersonating a user'));
    assert.throws(() => load({ 'request-timeout': 'soon' }), isRefusal('Invalid timeout value'));
  });

  test('a kubeconfig that isn’t there, or isn’t one, names the file', () => {
    const path = join(directory, 'absent');
    assert.throws(
      () => loadTarget({ kubeconfig: path }),
      (error) => {
        return error instanceof ClusterError && error.message.includes(path);
      },
    );
    const broken = join(directory, 'broken');
    writeFileSync(broken, '{{{');
    assert.throws(() => loadTarget({ kubeconfig: broken }), ClusterError);
  });

  test('an empty kubeconfig leads to the server that kubectl asks then', () => {
    assert.equal(loadTarget({ kubeconfig: write('nothing', {}) }).server, 'http://localhost:8080');
  });
});

describe('durations', () => {
  test('are Go’s', () => {
    const known: [string, number | undefined][] = [
      ['90s', 90_000],
      ['10m', 600_000],
      ['1h30m', 5_400_000],
      ['250ms', 250],
      ['1.5h', 5_400_000],
      ['1m1ms', 60_001],
      ['', undefined],
      ['10', undefined],
      ['1d', undefined],
      ['-1s', undefined],
      ['1h 30m', undefined],
      ['m', undefined],
      ['1.s', undefined],
    ];
    for (const [text, ms] of known) assert.equal(parseDuration(text), ms, text);
  });

  test('add up', () => {
    fc.assert(
      fc.property(fc.nat(99), fc.nat(99), fc.nat(99), fc.nat(999), (h, m, s, ms) => {
        assert.equal(parseDuration(`${h}h${m}m${s}s${ms}ms`), ((h * 60 + m) * 60 + s) * 1000 + ms);
      }),
    );
  });

  test('of --request-timeout may be whole seconds, and 0 is no limit', () => {
    const ms = (text: string): number | undefined => load({ 'request-timeout': text }).requestTimeoutMs;
    assert.deepEqual(['0', '0s', '30', '1m', '500ms'].map(ms), [0, 0, 30_000, 60_000, 500]);
    assert.equal(load().requestTimeoutMs, undefined);
  });
});
