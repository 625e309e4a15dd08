import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { create } from 'tar';
import { FailedError } from '../../src/errors.ts';
import { readContents } from '../../src/velero/contents.ts';
import { readVolumeInfos } from '../../src/velero/volume-infos.ts';

const claim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'a', namespace: 'kafka' },
  spec: {},
};
const content = {
  apiVersion: 'snapshot.storage.k8s.io/v1',
  kind: 'VolumeSnapshotContent',
  metadata: { name: 'content-a' },
  spec: { driver: 'csi.example.com', source: {}, deletionPolicy: 'Delete', volumeSnapshotRef: {} },
};

/** As Velero packs a backup. */
async function tarball(files: Record<string, string>): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'pvsnap-tar-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    return await buffer(create({ cwd: folder, gzip: true }, Object.keys(files)));
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe("a backup's tarball", () => {
  test('gives its claims and contents, and nothing of what else is in it, or is broken', async () => {
    const file = await tarball({
      'resources/persistentvolumeclaims/namespaces/kafka/a.json': JSON.stringify(claim),
      'resources/persistentvolumeclaims/v1-preferredversion/namespaces/kafka/a.json': JSON.stringify(claim),
      'resources/persistentvolumeclaims/namespaces/kafka/broken.json': '{',
      'resources/pods/namespaces/kafka/p.json': '{}',
      'resources/volumesnapshotcontents.snapshot.storage.k8s.io/cluster/content-a.json': JSON.stringify(content),
      'resources/volumesnapshotcontents.snapshot.storage.k8s.io/cluster/none.json': 'null',
      'metadata/version': '1.1.0',
    });
    const { claims, contents } = await readContents(Readable.from([file.subarray(0, 100), file.subarray(100)]));
    assert.deepEqual([...claims.keys()], ['kafka/a']);
    assert.deepEqual([...contents.keys()], ['content-a']);
  });

  test('that is none, or ends too early, is a failure in words', async () => {
    const whole = await tarball({ 'resources/pods/namespaces/kafka/p.json': 'x'.repeat(100_000) });
    for (const bytes of [Buffer.from('<html>no</html>'), whole.subarray(0, whole.length / 2)]) {
      await assert.rejects(readContents(Readable.from([bytes])), FailedError);
    }
  });
});

describe('the file with the volumes of a backup', () => {
  test('is read with what is not known left out', async () => {
    const [info = assert.fail()] = await readVolumeInfos(
      Readable.from([
        gzipSync(JSON.stringify([{ pvcName: 'a', csiSnapshotInfo: { snapshotHandle: 'h', size: 'x' } }])),
      ]),
    );
    assert.equal(info.pvcName, 'a');
    assert.deepEqual(info.snapshot, { handle: 'h', driver: '', sizeBytes: 0, content: '' });
    assert.deepEqual(await readVolumeInfos(Readable.from([gzipSync('null')])), []);
  });

  test('that is not what Velero writes is a failure in words', async () => {
    for (const bytes of [Buffer.from('[]'), gzipSync('{'), gzipSync('{"a":1}'), gzipSync('[null]')]) {
      await assert.rejects(readVolumeInfos(Readable.from([bytes])), FailedError);
    }
  });
});
