/** Whom the machine trusts: found where Go looks, and left as it is for the programs that give credentials. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, describe, test } from 'node:test';
import tls from 'node:tls';
import { openPool } from '../../src/cluster/transport/agent.ts';
import { systemAuthorities } from '../../src/cluster/transport/system-authorities.ts';

const { SSL_CERT_FILE, SSL_CERT_DIR } = process.env;
const folder = mkdtempSync(join(tmpdir(), 'pvsnap-authorities-'));
after(() => {
  rmSync(folder, { recursive: true });
});
afterEach(() => {
  Object.assign(process.env, { SSL_CERT_FILE, SSL_CERT_DIR });
  if (SSL_CERT_FILE === undefined) delete process.env.SSL_CERT_FILE;
  if (SSL_CERT_DIR === undefined) delete process.env.SSL_CERT_DIR;
});

describe(
  'authorities of the machine',
  { skip: process.platform !== 'linux' && 'other platforms keep them elsewhere' },
  () => {
    test('are those that SSL_CERT_FILE and SSL_CERT_DIR name', () => {
      process.env.SSL_CERT_FILE = join(folder, 'file');
      process.env.SSL_CERT_DIR = join(folder);
      writeFileSync(join(folder, 'file'), 'one');
      assert.deepEqual(systemAuthorities(), ['one', 'one']);
    });

    test("are Node's own where there are none: the packaged program has no others by itself", () => {
      process.env.SSL_CERT_FILE = join(folder, 'none');
      delete process.env.SSL_CERT_DIR;
      assert.deepEqual(systemAuthorities(), [...tls.rootCertificates]);
    });

    test('are named for other programs as before, once a connection was opened', async () => {
      process.env.SSL_CERT_FILE = join(folder, 'none');
      const url = new URL('https://127.0.0.1:1');
      const { agent, options } = await openPool(url, undefined, { ca: [...tls.rootCertificates].slice(0, 1) }, {});
      await once(https.get(url, { ...options, agent }), 'error');
      assert.equal(process.env.SSL_CERT_FILE, join(folder, 'none'));
    });
  },
);
