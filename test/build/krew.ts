/** The real krew, built by Go, with a home and an index of its own, and a server to download from. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { ensurePrograms } from '../cluster/programs/build.ts';

const run = promisify(execFile);

export interface Krew {
  /** A folder of the test's own. */
  folder: string;
  /** Runs kubectl, which finds krew and what krew has installed. @returns stdout */
  kubectl: (...args: string[]) => Promise<string>;
  /** Runs krew's own check of manifests. It installs for every platform that the manifest names. */
  validate: (manifest: string) => Promise<void>;
  /** Offers this manifest to `krew install`, `krew upgrade` as the newest. */
  publish: (manifest: string) => Promise<void>;
}

export async function openKrew(t: TestContext): Promise<Krew> {
  const folder = await mkdtemp(join(tmpdir(), 'pvsnap-krew-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const bin = join(folder, 'bin');
  await buildKrew(bin);
  const home = join(folder, 'home');
  const kubectl = join(await ensurePrograms(), 'kubectl');
  const PATH = [bin, join(home, 'bin'), dirname(kubectl), process.env.PATH].join(delimiter);
  const env = { ...process.env, KREW_ROOT: home, KREW_NO_UPGRADE_CHECK: '1', PATH };
  const publish = await openIndex(join(folder, 'index'));
  await run(kubectl, ['krew', 'index', 'add', 'default', join(folder, 'index')], { env });
  return {
    folder,
    kubectl: async (...args) => (await run(kubectl, args, { env })).stdout,
    validate: async (manifest) => {
      await run(join(bin, 'validate-krew-manifest'), ['-manifest', manifest], { env });
    },
    publish,
  };
}

async function buildKrew(bin: string): Promise<void> {
  await mkdir(bin);
  const cwd = join(import.meta.dirname, 'krew');
  const env = { ...process.env, GOFLAGS: '-mod=readonly', GOWORK: 'off', CGO_ENABLED: '0' };
  const build = (name: string, as: string): Promise<unknown> =>
    run('go', ['build', '-o', join(bin, as), `sigs.k8s.io/krew/cmd/${name}`], { cwd, env });
  await build('krew', 'kubectl-krew');
  await build('validate-krew-manifest', 'validate-krew-manifest');
}

/** An index is a git repository with the manifests in a folder. */
async function openIndex(folder: string): Promise<Krew['publish']> {
  await mkdir(join(folder, 'plugins'), { recursive: true });
  const git = (...args: string[]): Promise<unknown> =>
    run('git', ['-C', folder, '-c', 'user.name=test', '-c', 'user.email=test@example.com', ...args]);
  await git('init', '--quiet');
  await git('commit', '--quiet', '--allow-empty', '--message=An index');
  return async (manifest) => {
    await writeFile(join(folder, 'plugins', basename(manifest)), await readFile(manifest));
    await git('add', '.');
    await git('commit', '--quiet', '--message=A release');
  };
}

/** Serves the files of folders by their names alone, as if they were releases. @returns its address */
export async function serveReleases(t: TestContext, ...folders: string[]): Promise<string> {
  const server = createServer((request, response) => {
    const name = basename(request.url ?? '');
    void Promise.any(folders.map((folder) => readFile(join(folder, name)))).then(
      (content) => response.end(content),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
