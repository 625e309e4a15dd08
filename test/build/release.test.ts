/** What lies in dist/release after `npm run build -- --all`, as `npm run release` tests it. Skipped where nothing was built. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { packageManifest } from '../../scripts/build/release.ts';
import { openKrew, serveReleases } from './krew.ts';
import { checkSignature } from './mach-o-signature.ts';

const dist = join(import.meta.dirname, '..', '..', 'dist');
const release = join(dist, 'release');
const manifest = join(release, 'pvsnap.yaml');
const run = promisify(execFile);

describe('a release', { skip: !existsSync(manifest) && 'npm run build -- --all' }, () => {
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

  // At this place in the file, these bytes name the processor.
  const machines: [string, number, string][] = [
    ['linux-arm64/kubectl-pvsnap', 0x12, 'b700'],
    ['darwin-x64/kubectl-pvsnap', 0, 'cffaedfe07000001'],
    ['darwin-arm64/kubectl-pvsnap', 0, 'cffaedfe0c000001'],
    ['win32-x64/kubectl-pvsnap.exe', -1, '504500006486'],
    ['win32-arm64/kubectl-pvsnap.exe', -1, '5045000064aa'],
  ];
  for (const [path, at, bytes] of machines) {
    test(`${path} is a program for that platform`, async () => {
      const file = await open(join(dist, path));
      try {
        const { buffer } = await file.read(Buffer.alloc(0x1000), 0, 0x1000, 0);
        const from = at < 0 ? buffer.readUInt32LE(0x3c) : at;
        assert.equal(buffer.toString('hex', from, from + bytes.length / 2), bytes);
      } finally {
        await file.close();
      }
    });
  }

  for (const arch of ['x64', 'arm64']) {
    test(`darwin-${arch}: every page is as the signature has it`, async () => {
      checkSignature(await readFile(join(dist, `darwin-${arch}`, 'kubectl-pvsnap')));
    });
  }

  test("krew's own check takes the manifest, and installs the archives of all six platforms", async (t) => {
    const krew = await openKrew(t);
    const address = await serveReleases(t, release);
    const { homepage } = await packageManifest();
    const served = (await readFile(manifest, 'utf8')).replaceAll(`uri: ${homepage}`, `uri: ${address}`);
    await mkdir(join(krew.folder, 'served'));
    const path = join(krew.folder, 'served', 'pvsnap.yaml');
    await writeFile(path, served);
    await krew.validate(path);
  });
});

async function nameOf(platform: string): Promise<string> {
  const sums = await readFile(join(release, 'SHA256SUMS'), 'utf8');
  return new RegExp(`\\S*_${platform}\\.\\S+`).exec(sums)?.[0] ?? '';
}
