import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { setImmediate as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { create } from 'tar';
import { FailedError } from '../../src/errors.ts';
import { readContents } from '../../src/velero/contents.ts';
import { readWhole } from '../../src/velero/read-whole.ts';
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

/** In pieces that come one after the other, as from a network; `end` is thrown after the last. */
function arriving(pieces: readonly Buffer[], end?: Error): Readable {
  return Readable.from(
    (async function* () {
      for (const piece of pieces) {
        await pause();
        yield piece;
      }
      if (end !== undefined) throw end;
    })(),
  );
}

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

  test('that turns out to be none long before it ends is a failure in words, and no more', async () => {
    const html = Array.from({ length: 60 }, () => Buffer.from('<html>'.repeat(100)));
    await assert.rejects(readContents(arriving(html)), FailedError);
  });

  test('gives no content whose fields are not of their types', async () => {
    const forged = {
      'a.json': { ...content, status: { creationTime: 'yesterday' } },
      'b.json': { ...content, status: { creationTime: 1e300 } },
      'c.json': { ...content, status: { restoreSize: -1 } },
      'd.json': { ...content, spec: { ...content.spec, volumeSnapshotClassName: { a: 1 } } },
    };
    const folder = 'resources/volumesnapshotcontents.snapshot.storage.k8s.io/cluster';
    const files: Record<string, string> = {};
    for (const [name, object] of Object.entries(forged)) files[`${folder}/${name}`] = JSON.stringify(object);
    const { contents } = await readContents(Readable.from([await tarball(files)]));
    assert.equal(contents.size, 0);
  });

  test('is not read into memory beyond what a backup can have', async () => {
    const large = JSON.stringify({ ...claim, spec: { filler: 'x'.repeat(7 * 2 ** 20) } });
    const folder = 'resources/persistentvolumeclaims/namespaces/kafka';
    const files: Record<string, string> = {};
    for (let index = 0; index < 40; index++) files[`${folder}/${index}.json`] = large;
    const packed = await tarball(files);
    const pieces = Array.from({ length: 40 }, (_, index) => packed.subarray(index * 8192, (index + 1) * 8192));
    await assert.rejects(readContents(arriving([...pieces, packed.subarray(40 * 8192)])), FailedError);
  });
});

describe('a store that breaks off', () => {
  const lost = Object.assign(new Error('aborted'), { code: 'ECONNRESET' });

  test('is said to have done so, and not that its file is bad', async () => {
    for (const read of [readContents, readVolumeInfos]) {
      await assert.rejects(read(arriving([gzipSync('[]').subarray(0, 5)], lost)), /the store broke off in the middle/);
    }
  });

  test('or sends more than is asked for is left', async () => {
    await assert.rejects(readWhole(arriving([Buffer.alloc(100), Buffer.alloc(100)]), 150), /is larger than/);
    assert.equal((await readWhole(arriving([Buffer.alloc(100)]), 100)).length, 100);
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
