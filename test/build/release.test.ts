/**
 * What lies in dist/release after `npm run build -- --all`: archives as krew takes them, and programs as their platforms
 * do. Skipped where nothing was built. krew is the real one, built by Go.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { ensurePrograms } from '../cluster/programs/build.ts';

const dist = join(import.meta.dirname, '..', '..', 'dist');
const release = join(dist, 'release');
const manifest = join(release, 'pvsnap.yaml');
const run = promisify(execFile);

describe('a release', { skip: !existsSync(manifest) }, () => {
  test('the checksums are those of the archives, and the manifest has the same', async () => {
    const lines = (await readFile(join(release, 'SHA256SUMS'), 'utf8')).trimEnd().split('\n');
    assert.equal(lines.length, 6);
    const text = await readFile(manifest, 'utf8');
    for (const line of lines) {
      const [sum = '', name = ''] = line.split('  ');
      const content = await readFile(join(release, name));
      assert.equal(createHash('sha256').update(content).digest('hex'), sum);
      assert.ok(text.includes(`sha256: ${sum}`), name);
    }
  });

  test('an archive has the program, completions and licences, and no link', async () => {
    const { stdout } = await run('tar', ['-tvzf', join(release, await nameOf('linux_arm64'))]);
    const [program, ...others] = stdout.trimEnd().split('\n');
    assert.match(program ?? '', /^-rwxr-xr-x .* kubectl-pvsnap$/);
    assert.deepEqual(
      others.map((line) => line.replace(/^-(\S+) .* /, '$1 ')),
      [
        'rwxr-xr-x kubectl_complete-pvsnap',
        'rwxr-xr-x oc_complete-pvsnap',
        'rw-r--r-- LICENSE',
        'rw-r--r-- THIRD-PARTY-LICENCES.txt',
      ],
    );
    await run('unzip', ['-tq', join(release, await nameOf('windows_amd64'))]);
  });

  for (const arch of ['x64', 'arm64']) {
    test(`darwin-${arch}: every page is as the signature has it`, async () => {
      checkSignature(await readFile(join(dist, `darwin-${arch}`, 'kubectl-pvsnap')));
    });
  }

  test("krew's own check takes the manifest; krew installs and removes it, and kubectl runs it", async (t) => {
    const root = await mkdtemp(join(tmpdir(), 'krew-'));
    t.after(() => rm(root, { recursive: true, force: true }));
    const { krew, validate } = await buildKrew(root);
    await run(validate, ['-manifest', manifest, '-skip-install']);

    const kubectl = join(await ensurePrograms(), 'kubectl');
    const PATH = [join(root, 'bin'), dirname(kubectl), process.env.PATH].join(delimiter);
    const env = { ...process.env, KREW_ROOT: root, KREW_NO_UPGRADE_CHECK: '1', PATH };
    const archive = join(release, await nameOf('linux_amd64'));
    await run(krew, ['install', `--manifest=${manifest}`, `--archive=${archive}`], { env });
    const { stdout } = await run(kubectl, ['pvsnap', 'version', '--client'], { env });
    assert.match(stdout, /^Client Version: v\d/);
    // krew removes nothing before it has a copy of the index, which needs a network: an empty one does.
    for (const part of ['.git', 'plugins']) await mkdir(join(root, 'index', 'default', part), { recursive: true });
    await run(krew, ['uninstall', 'pvsnap'], { env });
    await assert.rejects(run(kubectl, ['pvsnap', 'version', '--client'], { env }), /unknown command "pvsnap"/);
  });
});

async function buildKrew(folder: string): Promise<{ krew: string; validate: string }> {
  const packages = ['krew', 'validate-krew-manifest'].map((name) => `sigs.k8s.io/krew/cmd/${name}`);
  const env = { ...process.env, GOFLAGS: '-mod=readonly', GOWORK: 'off', CGO_ENABLED: '0' };
  await run('go', ['build', '-o', `${folder}/`, ...packages], { cwd: join(import.meta.dirname, 'krew'), env });
  return { krew: join(folder, 'krew'), validate: join(folder, 'validate-krew-manifest') };
}

async function nameOf(platform: string): Promise<string> {
  const sums = await readFile(join(release, 'SHA256SUMS'), 'utf8');
  return new RegExp(`\\S*_${platform}\\.\\S+`).exec(sums)?.[0] ?? '';
}

/** Reads by itself what the signer wrote: from the load command to the hash of each page, big-endian throughout. */
function checkSignature(program: Buffer): void {
  let at = 32;
  let [from, size] = [0, 0];
  for (let left = program.readUInt32LE(16); left > 0; left--) {
    if (program.readUInt32LE(at) === 0x1d) [from, size] = [program.readUInt32LE(at + 8), program.readUInt32LE(at + 12)];
    at += program.readUInt32LE(at + 4);
  }
  assert.equal(from + size, program.length);
  assert.equal(from % 16, 0);
  const blob = program.subarray(from);
  assert.deepEqual([blob.readUInt32BE(0), blob.readUInt32BE(8), blob.readUInt32BE(12)], [0xfade0cc0, 1, 0]);
  const directory = blob.subarray(blob.readUInt32BE(16));
  assert.equal(directory.readUInt32BE(0), 0xfade0c02);
  const [hashesAt, identifierAt] = [directory.readUInt32BE(16), directory.readUInt32BE(20)];
  const [pages, limit] = [directory.readUInt32BE(28), directory.readUInt32BE(32)];
  assert.equal(limit, from);
  assert.equal(directory.toString('latin1', identifierAt, directory.indexOf(0, identifierAt)), 'kubectl-pvsnap');
  assert.equal(pages, Math.ceil(limit / 4096));
  for (let page = 0; page < pages; page++) {
    const bytes = program.subarray(page * 4096, Math.min((page + 1) * 4096, limit));
    const hash = directory.subarray(hashesAt + page * 32, hashesAt + (page + 1) * 32);
    assert.ok(createHash('sha256').update(bytes).digest().equals(hash), `page ${page}`);
  }
}
