/** The real Velero with the real S3 server that it keeps backups in, for one test at a time. */
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { TestContext } from 'node:test';
import { parse } from 'yaml';
import type { KubeObject } from './api.ts';
import { openNamespace, type Lifetime, type TestNamespace } from './namespace.ts';
import { defineAll } from './operators/definitions.ts';
import { deploy, type End } from './operators/deployed.ts';
import { findFreePorts } from './ports.ts';
import { ensurePrograms } from './programs/build.ts';
import { withLock } from './programs/lock.ts';
import { retry } from './retry.ts';
import { objectStore, veleroPlugin, veleroServer } from './programs/velero/list.ts';
import { endComponent, runComponent } from './supervise.ts';
import { operatorIdentity } from './operators/identity.ts';

const API = 'velero.io/v1';
const BUCKET = 'backups';
/** Of the store, and in the file that Velero's plugin reads. */
const ACCESS = { key: 'test-access', secret: 'test-secret' };

export interface Velero {
  /** Where its objects are, with the Deployment `velero`. */
  home: TestNamespace;
  /** The store's address, as the server sees it. */
  storeUrl: string;
  /** Where the store keeps its objects: `<directory>/<bucket>/backups/<backup>/`. */
  storeDirectory: string;
  /** Ends the store; its objects stay. */
  stopStore: () => Promise<void>;
  startStore: () => Promise<void>;
}

interface VeleroOptions {
  /** false: without --features=EnableCSI. */
  csi?: boolean;
  /** true: as it is installed, which takes snapshots one by one, seconds apart. */
  asInstalled?: boolean;
  /** More flags of the server. */
  args?: string[];
}

/** In a namespace of its own, for a test. */
export async function openVelero(test: TestContext, { args = [], ...options }: VeleroOptions = {}): Promise<Velero> {
  // One that is queued behind another waits for a minute, however soon the other has ended; and one whose snapshot
  // was not ready at once is looked at again after ten seconds.
  const impatient = ['--concurrent-backups=10', '--item-operation-sync-frequency=1s'];
  return openVeleroIn(test, () => openNamespace(test), { ...options, args: [...impatient, ...args] });
}

/**
 * Builds it if need be (six minutes), and returns when it runs and its store is Available.
 * @param open makes the namespace, once it is this one's turn
 */
export async function openVeleroIn(
  test: Lifetime,
  open: () => Promise<TestNamespace>,
  options: VeleroOptions = {},
): Promise<Velero> {
  const [server, plugin, store] = [
    await ensurePrograms(veleroServer),
    await ensurePrograms(veleroPlugin),
    await ensurePrograms(objectStore),
  ];
  await takeTurn(test);
  const home = await open();
  await defineAll(home.api, await definitionsIn(server));
  const { port } = await findFreePorts('port');
  const storeUrl = `http://127.0.0.1:${port}`;
  const storeDirectory = join(home.cluster.directory, `${home.name}-store`);
  await mkdir(join(storeDirectory, BUCKET), { recursive: true });
  const component = {
    name: `${home.name}-store`,
    command: join(store, 'versitygw'),
    args: [`--access=${ACCESS.key}`, `--secret=${ACCESS.secret}`, `--port=127.0.0.1:${port}`, 'posix', storeDirectory],
  };
  const startStore = (): Promise<void> => runComponent(home.cluster.directory, component);
  const stopStore = (): Promise<void> => endComponent(home.cluster.directory, component.name);
  await startStore();
  test.after(async () => {
    await stopStore().catch(() => undefined);
    await rm(storeDirectory, { recursive: true, force: true });
  });
  await home.apply(storeObjects(storeUrl));
  await runServer(test, home, { server, plugin, ...options });
  await untilAvailable(home);
  return { home, storeUrl, storeDirectory, startStore, stopStore };
}

/**
 * Until the store is Available to Velero. On a starved machine it isn't for a few seconds now and then, and a backup that is
 * made meanwhile is FailedValidation.
 */
export async function untilAvailable(home: TestNamespace): Promise<void> {
  const isAvailable = ({ status }: KubeObject & { status?: { phase?: string } }): boolean =>
    status?.phase === 'Available';
  await home.waitFor('BackupStorageLocation', 'default', isAvailable);
}

/** Whatever its flags, Velero listens on this port too: one at a time on a machine. */
const PORT = 8080;
const FREE_TIMEOUT_MS = 60_000;

async function takeTurn(test: Lifetime): Promise<void> {
  const [mine, over] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
  const turn = withLock(
    join(tmpdir(), 'pvsnap-test-velero.lock'),
    () => undefined,
    async () => {
      mine.resolve(undefined);
      await over.promise;
    },
  );
  test.after(async () => {
    over.resolve(undefined);
    await turn;
  });
  await Promise.race([mine.promise, turn]);
  // The one before may still be on its way out.
  await retry(listenOnce, () => true, AbortSignal.timeout(FREE_TIMEOUT_MS)).catch((error: unknown) => {
    throw new Error(`Velero needs port ${PORT}, which something else on this machine has`, { cause: error });
  });
}

/** As Velero does. @throws Error of Node's while somebody else listens there */
async function listenOnce(): Promise<void> {
  const server = createServer().listen(PORT);
  await once(server, 'listening');
  await once(server.close(), 'close');
}

async function definitionsIn(programs: string): Promise<KubeObject[]> {
  const files = (await readdir(programs)).filter((file) => file.endsWith('.yaml'));
  return Promise.all(files.map(async (file) => parse(await readFile(join(programs, file), 'utf8')) as KubeObject));
}

function storeObjects(url: string): KubeObject[] {
  return [
    {
      apiVersion: API,
      kind: 'BackupStorageLocation',
      metadata: { name: 'default' },
      spec: {
        provider: 'aws',
        default: true,
        objectStorage: { bucket: BUCKET },
        config: { region: 'us-east-1', s3ForcePathStyle: 'true', s3Url: url, publicUrl: url },
      },
    },
  ];
}

const credentialsFile = `[default]\naws_access_key_id=${ACCESS.key}\naws_secret_access_key=${ACCESS.secret}\n`;

interface ServerPrograms extends VeleroOptions {
  server: string;
  plugin: string;
}

async function runServer(test: Lifetime, home: TestNamespace, options: ServerPrograms): Promise<void> {
  const { csi = true, asInstalled = false, args = [], server, plugin } = options;
  const tuned = asInstalled ? [] : ['--item-block-worker-count=6'];
  const flags = ['server', ...(csi ? ['--features=EnableCSI'] : []), ...tuned, ...args];
  await deploy(test, home, {
    name: 'velero',
    image: 'velero/velero:v1.18.3',
    command: ['/velero'],
    labels: { component: 'velero' },
    args: flags,
    start: (pod) => startProcess(home, pod, { command: join(server, 'velero'), flags, plugin, asInstalled }),
  });
}

async function startProcess(
  { name: home, cluster }: TestNamespace,
  pod: string,
  { command, flags, plugin, asInstalled }: { command: string; flags: string[]; plugin: string; asInstalled: boolean },
): Promise<End> {
  const { directory, credentials } = cluster;
  const name = `${home}-${pod}`;
  const kubeconfig = join(directory, 'identities', `${name}.kubeconfig`);
  const { certificate, key } = await operatorIdentity(cluster, home, 'velero');
  await writeFile(kubeconfig, kubeconfigOf(credentials, certificate, key), { mode: 0o600 });
  const { metrics } = await findFreePorts('metrics');
  const temporary = join(directory, `${home}-velero`);
  await mkdir(temporary, { recursive: true });
  const store = join(temporary, 'store-credentials');
  await writeFile(store, credentialsFile, { mode: 0o600 });
  const surroundings = {
    KUBECONFIG: kubeconfig,
    TMPDIR: temporary,
    VELERO_NAMESPACE: home,
    // A Secret that a location names is written to one file again for each backup, which another one reads half written.
    AWS_SHARED_CREDENTIALS_FILE: store,
    // Slow drivers aside, a snapshot is ready before it looks a second time.
    ...(!asInstalled && { CSI_SNAPSHOT_EARLY_FREQUENT_POLLING: 'true' }),
  };
  await runComponent(directory, {
    name,
    command: 'env',
    args: [
      ...Object.entries(surroundings).map(([variable, value]) => `${variable}=${value}`),
      command,
      ...flags,
      `--plugin-dir=${plugin}`,
      `--metrics-address=127.0.0.1:${metrics}`,
      '--profiler-address=',
      '--store-validation-frequency=5s',
    ],
  });
  return () => endComponent(directory, name);
}

/** JSON is YAML too. */
function kubeconfigOf(
  { url, authority }: TestNamespace['cluster']['credentials'],
  certificate: string,
  key: string,
): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server: url, 'certificate-authority-data': base64(authority) } }],
    users: [
      { name: 'velero', user: { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) } },
    ],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'velero' } }],
    'current-context': 'test',
  });
}
