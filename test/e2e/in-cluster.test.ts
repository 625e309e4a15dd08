/**
 * In a pod without a kubeconfig: the service account that is mounted there, at the path that Kubernetes uses. Both
 * programs run in a mount namespace of their own, in which that path holds a real token and the cluster's authority.
 */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createAuthority } from '../cluster/certificates.ts';
import type { Finished, TestNamespace } from '../cluster/namespace.ts';
import { openNamespace } from '../cluster/namespace.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const isolate = ['--user', '--map-root-user', '--mount'];
const canIsolate = spawnSync('unshare', [...isolate, 'mount', '-t', 'tmpfs', 'tmpfs', '/run']).status === 0;
const options = {
  concurrency: 2,
  skip: canIsolate ? false : 'this machine lets no user make a mount namespace (unshare)',
};

/** Puts the files of the folder where a pod finds them, then becomes the program. */
const mountAndRun = `
set -e
mount -t tmpfs tmpfs "$(readlink -f /var/run)"
mkdir -p /var/run/secrets/kubernetes.io/serviceaccount
cp "$1"/* /var/run/secrets/kubernetes.io/serviceaccount
shift
exec "$@"
`;

interface Pod {
  folder: string;
  env: Record<string, string>;
}

/** What a pod of the service account `default` would find, with the rights that `reader` gives. */
async function podIn(t: TestContext, namespace: TestNamespace, { isReader = true } = {}): Promise<Pod> {
  const { name, cluster } = namespace;
  const folder = await mkdtemp(join(tmpdir(), 'pvsnap-pod-'));
  t.after(() => rm(folder, { recursive: true }));
  const { url, authority } = cluster.credentials;
  const token = await namespace.kubectl('create', 'token', 'default');
  assert.equal(token.code, 0, token.stderr);
  const files = { token: token.stdout.trim(), 'ca.crt': authority, namespace: name };
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
  if (isReader) {
    const role = ['--verb=get,list,watch', '--resource=volumesnapshots.snapshot.storage.k8s.io'];
    await namespace.kubectl('create', 'role', 'reader', ...role);
    await namespace.kubectl('create', 'rolebinding', 'reader', '--role=reader', `--serviceaccount=${name}:default`);
  }
  const { hostname, port } = new URL(url);
  const env = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port, HOME: folder };
  return { folder, env };
}

function runIn({ folder, env }: Pod, command: string[], args: string[]): Promise<Finished> {
  const words = [...isolate, 'sh', '-c', mountAndRun, 'sh', folder, ...command, ...args];
  return new Promise((resolve) => {
    const whole = { PATH: process.env.PATH ?? '', ...env };
    const child = execFile('unshare', words, { env: whole }, (_, stdout, stderr) => {
      resolve({ stdout, stderr: stderr.replaceAll(/^[EIW]\d{4} .*\n/gm, ''), code: child.exitCode ?? -1 });
    });
  });
}

async function runBoth(namespace: TestNamespace, pod: Pod, ...args: string[]) {
  const kubectl = await runIn(pod, [join(namespace.cluster.programs, 'kubectl')], args);
  const ours = await runIn(pod, [process.execPath, '--disable-warning=ExperimentalWarning', main], args);
  return { kubectl, ours };
}

async function assertSame(namespace: TestNamespace, pod: Pod, ...args: string[]): Promise<Finished> {
  const { kubectl, ours } = await runBoth(namespace, pod, ...args);
  assert.deepEqual(ours, kubectl);
  return kubectl;
}

const snapshot = (name: string) => ({
  apiVersion: 'snapshot.storage.k8s.io/v1',
  kind: 'VolumeSnapshot',
  metadata: { name },
  spec: { source: { persistentVolumeClaimName: 'none' } },
});

describe('in a pod', options, () => {
  test('the service account, its authority and its namespace are those of the mounted files', async (t) => {
    const namespace = await openNamespace(t);
    await namespace.apply([snapshot('of-pod')]);
    const { stdout, code } = await assertSame(namespace, await podIn(t, namespace), 'get', 'vs', '-o', 'name');
    assert.deepEqual([stdout, code], ['volumesnapshot.snapshot.storage.k8s.io/of-pod\n', 0]);
  });

  test('its rights are those of the service account', async (t) => {
    const namespace = await openNamespace(t);
    const pod = await podIn(t, namespace, { isReader: false });
    const { stderr, code } = await assertSame(namespace, pod, 'get', 'vs');
    assert.match(stderr, new RegExp(`User "system:serviceaccount:${namespace.name}:default" cannot list`));
    assert.equal(code, 1);
  });

  test('POD_NAMESPACE comes before the mounted one, and --namespace before both', async (t) => {
    const namespace = await openNamespace(t);
    const pod = await podIn(t, namespace);
    const within = { ...pod, env: { ...pod.env, POD_NAMESPACE: 'elsewhere' } };
    assert.match((await assertSame(namespace, within, 'get', 'vs')).stderr, /in the namespace "elsewhere"/);
    assert.equal((await assertSame(namespace, within, 'get', 'vs', '-n', namespace.name)).code, 0);
  });

  test('a token that the server doesn’t know is refused with the server’s words', async (t) => {
    const namespace = await openNamespace(t);
    const pod = await podIn(t, namespace);
    await writeFile(join(pod.folder, 'token'), 'nonsense');
    const { ours, kubectl } = await runBoth(namespace, pod, 'get', 'vs');
    assert.equal(ours.stderr, 'error: You must be logged in to the server (Unauthorized)\n');
    // kubectl asks for the API's types first, and has client-go's words for that answer.
    assert.match(kubectl.stderr, /^error: You must be logged in to the server \(/);
    assert.deepEqual([ours.code, ours.stdout], [kubectl.code, kubectl.stdout]);
  });

  test('another authority is not trusted', async (t) => {
    const namespace = await openNamespace(t);
    const pod = await podIn(t, namespace);
    await writeFile(join(pod.folder, 'ca.crt'), createAuthority({ commonName: 'other' }).certificate);
    assert.match((await assertSame(namespace, pod, 'get', 'vs')).stderr, /signed by unknown authority/);
  });

  for (const flags of [['--as', 'jane'], ['--request-timeout=20s']]) {
    test(`is not looked at with ${flags.join(' ')}, as by client-go`, async (t) => {
      const namespace = await openNamespace(t);
      const { stderr } = await assertSame(namespace, await podIn(t, namespace), 'get', 'vs', ...flags);
      assert.match(stderr, /localhost:8080/);
    });
  }
});
