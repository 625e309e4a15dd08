/** This machine's program, released as it would be: krew installs, upgrades and removes it, and kubectl runs it. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { archiveName } from '../../scripts/build/archives.ts';
import { krewManifest } from '../../scripts/build/krew-manifest.ts';
import { packageManifest, writeRelease } from '../../scripts/build/release.ts';
import { tarGz } from '../../scripts/build/tar.ts';
import { hostTarget } from '../../scripts/build/targets.ts';
import { openKrew, serveReleases } from './krew.ts';

const program = process.env.PVSNAP_PROGRAM ?? join(import.meta.dirname, '..', '..', 'dist', 'kubectl-pvsnap');
const target = hostTarget();

test(
  'krew installs, upgrades and removes the program',
  { skip: !existsSync(program) && 'npm run build' },
  async (t) => {
    const { version } = await packageManifest();
    const krew = await openKrew(t);
    const [present, former] = [join(krew.folder, 'present'), join(krew.folder, 'former')];
    const homepage = await serveReleases(t, present, former);
    await writeRelease({
      packages: [],
      targets: [target],
      folderOf: () => dirname(program),
      folder: present,
      version,
      homepage,
    });
    const manifest = join(present, 'pvsnap.yaml');
    const archive = join(present, archiveName(target, version));

    await t.test("krew's own check takes the manifest, and installs from it", async () => {
      await krew.validate(manifest);
    });

    await t.test('from the two files of a release, without a network', async () => {
      await krew.kubectl('krew', 'install', `--manifest=${manifest}`, `--archive=${archive}`);
      assert.equal(await krew.kubectl('pvsnap', 'version', '--client'), `Client Version: v${version}\n`);
      assert.match(await krew.kubectl('pvsnap', '--help'), /^kubectl pvsnap VERB/);
      const installed = await readdir(join(krew.folder, 'home', 'store', 'pvsnap', `v${version}`));
      assert.deepEqual(installed.sort(), [
        'LICENSE',
        'THIRD-PARTY-LICENCES.txt',
        'kubectl-pvsnap',
        'kubectl_complete-pvsnap',
        'oc_complete-pvsnap',
      ]);
      await krew.kubectl('krew', 'uninstall', 'pvsnap');
      await assert.rejects(krew.kubectl('pvsnap', 'version'), /unknown command "pvsnap"/);
    });

    await t.test('from an index, from one version to the next', async () => {
      await krew.publish(await writeFormer(former, homepage));
      await krew.kubectl('krew', 'update');
      await krew.kubectl('krew', 'install', 'pvsnap');
      assert.equal(await krew.kubectl('pvsnap'), 'the former one\n');
      await krew.publish(manifest);
      await krew.kubectl('krew', 'upgrade', 'pvsnap');
      assert.deepEqual(await readdir(join(krew.folder, 'home', 'store', 'pvsnap')), [`v${version}`]);
      assert.equal(await krew.kubectl('pvsnap', 'version', '--client'), `Client Version: v${version}\n`);
      await krew.kubectl('krew', 'uninstall', 'pvsnap');
      await assert.rejects(krew.kubectl('pvsnap', 'version'), /unknown command "pvsnap"/);
    });
  },
);

/** A release before this one. @returns its manifest */
async function writeFormer(folder: string, homepage: string): Promise<string> {
  const version = '0.0.1';
  const name = archiveName(target, version);
  const script = Buffer.from('#!/bin/sh\necho the former one\n');
  const content = tarGz([{ name: 'kubectl-pvsnap', content: script, isExecutable: true }]);
  const sha256 = createHash('sha256').update(content).digest('hex');
  await mkdir(folder);
  await writeFile(join(folder, name), content);
  const manifest = join(folder, 'pvsnap.yaml');
  await writeFile(manifest, await krewManifest({ version, homepage }, [{ target, name, sha256 }]));
  return manifest;
}
