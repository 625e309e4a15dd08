/** Credentials that change while we run. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { certificateSource } from '../../src/cluster/auth/certificate.ts';
import { execSource } from '../../src/cluster/auth/exec.ts';
import { tokenSource } from '../../src/cluster/auth/token.ts';
import type { Target } from '../../src/cluster/config.ts';
import { loadTarget } from '../../src/cluster/config.ts';
import { inCluster, inClusterNamespace, isInCluster } from '../../src/cluster/kubeconfig/in-cluster.ts';
import { kubeconfig } from './kubectl/configs.ts';
import { authority } from './kubectl/recorder.ts';

const folder = mkdtempSync(join(tmpdir(), 'pvsnap-test-'));
after(() => {
  rmSync(folder, { recursive: true });
});
const write = (name: string, text: string, mode = 0o600): string => {
  const path = join(folder, name);
  writeFileSync(path, text, { mode });
  return path;
};

/** A clock that stands until it is moved. */
const clock = (): { now: () => number; nowMs: number } => {
  const time = { nowMs: 1_000_000, now: () => time.nowMs };
  return time;
};

describe('a token file', () => {
  test('is read again once a minute, and what was read last stays when it goes', async () => {
    const time = clock();
    const path = write('token', 'one\n');
    const source = tokenSource({ tokenFile: path }, time.now);
    write('token', 'two');
    assert.deepEqual(await source.current(), { authorization: 'Bearer one' });
    time.nowMs += 60_000;
    assert.deepEqual(await source.current(), { authorization: 'Bearer two' });
    rmSync(path);
    time.nowMs += 60_000;
    assert.deepEqual(await source.current(), { authorization: 'Bearer two' });
  });
});

test('certificate files are read again after a second', async () => {
  const time = clock();
  const save = (name: string): void => {
    const { certificate, key } = authority.issueClient({ commonName: name });
    write('crt', certificate);
    write('key', key);
  };
  save('one');
  const source = certificateSource(
    { 'client-certificate': join(folder, 'crt'), 'client-key': join(folder, 'key') },
    time.now,
  );
  const first = await source?.current();
  save('two');
  assert.equal(await source?.current(), first);
  time.nowMs += 1001;
  assert.notDeepEqual(await source?.current(), first);
});

describe('a program for credentials', () => {
  const target = (): Target => {
    const config = kubeconfig({ cluster: { server: 'https://127.0.0.1:1' } });
    return loadTarget({ kubeconfig: write('config', JSON.stringify(config)) });
  };
  const sourceOf = (name: string, now: () => number, expiry: string): ReturnType<typeof execSource> => {
    const apiVersion = 'client.authentication.k8s.io/v1';
    const answer = `{"apiVersion":"${apiVersion}","kind":"ExecCredential","status":{"token":"%d"${expiry}}}`;
    const script = `#!/bin/sh\necho x >> ${join(folder, `${name}.runs`)}\nprintf '${answer}' $(wc -l < ${join(folder, `${name}.runs`)})\n`;
    const command = write(name, script, 0o700);
    return execSource(target(), { command, apiVersion, interactiveMode: 'Never' }, now);
  };
  const bearer = (run: number): object => ({ authorization: `Bearer ${run}` });

  test('is run once for many requests, and when its credentials have expired', async () => {
    const time = clock();
    const expiry = new Date(time.nowMs + 10_000).toISOString();
    const source = sourceOf('expiring', time.now, `,"expirationTimestamp":"${expiry}"`);
    const all = await Promise.all(Array.from({ length: 5 }, () => source.current()));
    assert.deepEqual(
      all,
      Array.from({ length: 5 }, () => bearer(1)),
    );
    assert.deepEqual(await source.current(), bearer(1));
    time.nowMs += 10_001;
    assert.deepEqual(await source.current(), bearer(2));
  });

  test('is run once when several requests were refused with the same credentials', async () => {
    const source = sourceOf('refused', Date.now, '');
    const refused = await source.current();
    assert.deepEqual(await Promise.all([source.renew?.(refused), source.renew?.(refused)]), [true, true]);
    assert.deepEqual(await source.current(), bearer(2));
    assert.equal(await source.renew?.(refused), true);
    assert.deepEqual(await source.current(), bearer(2));
  });
});

describe('in a pod', () => {
  const within = (env: Record<string, string>, check: () => void): void => {
    const before = { ...process.env };
    Object.assign(process.env, env);
    try {
      check();
    } finally {
      for (const name of Object.keys(env)) Reflect.deleteProperty(process.env, name);
      Object.assign(process.env, before);
    }
  };
  const service = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };

  test('the service account is used, when all of it is there', () => {
    assert.ok(!isInCluster(folder));
    within(service, () => {
      assert.ok(!isInCluster('/nowhere'));
      write('token', 'of-pod');
      write('ca.crt', authority.certificate);
      assert.ok(isInCluster(folder));
      assert.deepEqual(inCluster({}, folder), {
        cluster: { server: 'https://[fd00::1]:443', 'certificate-authority': join(folder, 'ca.crt') },
        user: { tokenFile: join(folder, 'token') },
      });
      assert.deepEqual(inCluster({ server: 'https://other', token: 'mine' }, folder).user, { token: 'mine' });
    });
  });

  test('the namespace is the pod’s', () => {
    assert.equal(inClusterNamespace('/nowhere'), undefined);
    write('namespace', 'of-pod\n');
    assert.equal(inClusterNamespace(folder), 'of-pod');
    within({ POD_NAMESPACE: 'of-env' }, () => {
      assert.equal(inClusterNamespace(folder), 'of-env');
    });
  });
});
