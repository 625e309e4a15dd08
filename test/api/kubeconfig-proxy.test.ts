/** The way to the server through proxies: kubectl's and ours. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { isExcluded } from '../../src/cluster/transport/proxy.ts';
import { assertSameRequest, assertSameWords } from './kubectl/compare.ts';
import { base64, kubeconfig } from './kubectl/configs.ts';
import type { Proxy } from './kubectl/proxies.ts';
import { httpProxy, socksProxy } from './kubectl/proxies.ts';
import { authority, record } from './kubectl/recorder.ts';

const server = 'https://api.cluster.test:6443';
const files = (cluster: object = {}): Record<string, object> => ({
  '.kube/config': kubeconfig({
    cluster: { server, 'certificate-authority-data': base64(authority.certificate), ...cluster },
    user: { token: 'secret' },
  }),
});

interface Way {
  /** What the proxy must have been asked by each. */
  log: string[];
  cluster?: (proxy: Proxy) => object;
  env?: (proxy: Proxy) => Record<string, string>;
}

type Open = (t: TestContext, port: number) => Promise<Proxy>;

/** Both programs go the same way, and the server sees the same request. */
async function go(t: TestContext, open: Open, { log, cluster, env }: Way, plain = false): Promise<void> {
  const recorder = await record(t, { names: ['api.cluster.test'], plain });
  const proxy = await open(t, recorder.port);
  const invocation = { files: files(cluster?.(proxy)), env: env?.(proxy) ?? {} };
  const seen = await assertSameRequest(recorder, {
    ...invocation,
    servers: [plain ? 'http://api.cluster.test' : server],
  });
  assert.equal(seen?.authorization, plain ? '' : 'Bearer secret');
  // We ask for less of a table than kubectl does.
  const asked = proxy.log.map((line) => line.replace('&includeObject=None', ''));
  assert.deepEqual(asked, [...log, ...log]);
}

const tlsProxy: Open = (t, port) => httpProxy(t, port, { tls: true });
const connected = 'CONNECT api.cluster.test';

describe('a proxy', { concurrency: 3 }, () => {
  const ways: Record<string, [Open, Way]> = {
    'of the kubeconfig': [httpProxy, { log: [connected], cluster: ({ host }) => ({ 'proxy-url': `http://${host}` }) }],
    'of the kubeconfig, with a password': [
      httpProxy,
      {
        log: [`${connected} Basic ${base64('u:p@')}`],
        cluster: ({ host }) => ({ 'proxy-url': `http://u:p%40@${host}` }),
      },
    ],
    'of the kubeconfig, asked by TLS': [
      tlsProxy,
      { log: [connected], cluster: ({ host }) => ({ 'proxy-url': `https://${host}` }) },
    ],
    'of the kubeconfig, whatever the environment says': [
      httpProxy,
      {
        log: [connected],
        cluster: ({ host }) => ({ 'proxy-url': `http://${host}` }),
        env: () => ({ HTTPS_PROXY: 'http://127.0.0.1:1', NO_PROXY: '*' }),
      },
    ],
    'of the environment': [httpProxy, { log: [connected], env: ({ host }) => ({ HTTPS_PROXY: `http://${host}` }) }],
    'of the environment, in lower case': [
      httpProxy,
      { log: [connected], env: ({ host }) => ({ https_proxy: `http://${host}` }) },
    ],
    'of the environment, without a scheme': [
      httpProxy,
      { log: [connected], env: ({ host }) => ({ HTTPS_PROXY: host }) },
    ],
    'of the environment, where NO_PROXY means others': [
      httpProxy,
      {
        log: [connected],
        env: ({ host }) => ({
          HTTPS_PROXY: host,
          NO_PROXY: 'other, .api.cluster.test,cluster.test:80,10.0.0.0/8,uster.test',
        }),
      },
    ],
    'by SOCKS': [
      socksProxy,
      { log: ['SOCKS api.cluster.test'], cluster: ({ host }) => ({ 'proxy-url': `socks5://${host}` }) },
    ],
    'by SOCKS, with a password': [
      socksProxy,
      { log: ['SOCKS api.cluster.test u:p'], cluster: ({ host }) => ({ 'proxy-url': `socks5://u:p@${host}` }) },
    ],
    'by SOCKS, of the environment': [
      socksProxy,
      { log: ['SOCKS api.cluster.test'], env: ({ host }) => ({ HTTPS_PROXY: `socks5://${host}` }) },
    ],
  };
  for (const [name, [open, way]] of Object.entries(ways)) test(name, (t) => go(t, open, way));

  const plain = { server: 'http://api.cluster.test' };
  const list =
    'GET http://api.cluster.test/apis/snapshot.storage.k8s.io/v1/namespaces/default/volumesnapshots?limit=500';
  test('of the environment, for a plain server', (t) =>
    go(
      t,
      httpProxy,
      { log: [list], cluster: () => plain, env: ({ host }) => ({ HTTP_PROXY: host, HTTPS_PROXY: 'x' }) },
      true,
    ));
  test('by SOCKS, for a plain server', (t) =>
    go(
      t,
      socksProxy,
      { log: ['SOCKS api.cluster.test'], cluster: ({ host }) => ({ ...plain, 'proxy-url': `socks5://${host}` }) },
      true,
    ));
});

describe('this machine', () => {
  for (const host of ['127.0.0.1', 'localhost']) {
    test(`as ${host} is never asked through a proxy of the environment`, async (t) => {
      const recorder = await record(t);
      const local = `https://${host}:${recorder.port}`;
      const env = { HTTPS_PROXY: 'http://127.0.0.1:1' };
      assert.ok(await assertSameRequest(recorder, { files: files({ server: local }), env, servers: [local] }));
    });
  }
});

describe('a proxy that refuses', { concurrency: 3 }, () => {
  for (const refusal of [
    [407, 'Proxy Authentication Required'],
    [403, 'Forbidden'],
    [502, 'Bad Gateway'],
  ] as [number, string][]) {
    test(`with ${refusal.join(' ')}`, async (t) => {
      const proxy = await httpProxy(t, 1, { refusal });
      await assertSameWords({ files: files({ 'proxy-url': `http://${proxy.host}` }), servers: [server] });
    });
  }

  test('by not being there', async () => {
    await assertSameWords({ files: files({ 'proxy-url': 'http://127.0.0.1:1' }), servers: [server] });
  });

  test('by not being there, with SOCKS', async () => {
    await assertSameWords({ files: files({ 'proxy-url': 'socks5://127.0.0.1:1' }), servers: [server] });
  });

  test('because its name isn’t known', async () => {
    await assertSameWords({ files: files({ 'proxy-url': 'http://proxy.invalid:1' }), servers: [server] });
  });

  test('the server’s certificate, seen through it', async (t) => {
    const recorder = await record(t, { names: ['other'] });
    const proxy = await httpProxy(t, recorder.port);
    await assertSameWords({ files: files({ 'proxy-url': `http://${proxy.host}` }), servers: [server] });
  });

  test('the server’s certificate, seen through SOCKS', async (t) => {
    const recorder = await record(t, { names: ['other'] });
    const proxy = await socksProxy(t, recorder.port);
    await assertSameWords({ files: files({ 'proxy-url': `socks5://${proxy.host}` }), servers: [server] });
  });
});

describe('NO_PROXY excludes', { concurrency: 3 }, () => {
  for (const rule of [
    '*',
    'cluster.test',
    '.cluster.test',
    '*.cluster.test',
    ' API.cluster.TEST ',
    'x,test:6443',
    'api.cluster.test:6443',
  ]) {
    test(`by ${JSON.stringify(rule)}`, async () => {
      const env = { HTTPS_PROXY: 'http://127.0.0.1:1', NO_PROXY: rule };
      const { stderr } = await assertSameWords({ files: files(), servers: [server], env });
      assert.match(stderr, /no such host/);
    });
  }

  test('addresses, by Go’s rules', () => {
    const excluded = (url: string, rule: string): boolean => isExcluded(new URL(url), rule);
    for (const rule of ['10.1.2.3', '10.1.2.3:6443', '10.0.0.0/8', '1.1.1.1,10.1.2.0/24']) {
      assert.ok(excluded('https://10.1.2.3:6443', rule), rule);
    }
    for (const rule of [
      '',
      ',',
      '10.1.2.4',
      '10.1.2.3:443',
      '11.0.0.0/8',
      '10.1.2',
      '.3',
      '10.0.0.0/33',
      'fd00::/8',
      '::1',
    ]) {
      assert.ok(!excluded('https://10.1.2.3:6443', rule), rule);
    }
    assert.ok(excluded('https://[fd00::1]', 'fd00::/8') && excluded('https://[fd00::1]', '[fd00::1]:443'));
    assert.ok(excluded('https://[fd00::1]', 'fd00:0::1') && !excluded('https://[fd01::1]', 'fd00::/16'));
    assert.ok(excluded('http://a.test', 'a.test:80') && !excluded('https://a.test', 'a.test:80'));
    for (const local of ['localhost', '127.0.0.1', '127.1.2.3', '[::1]'])
      assert.ok(excluded(`https://${local}:6443`, ''));
  });
});
