/** The real API server takes us for whom it takes kubectl for. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openNamespace } from '../cluster/namespace.ts';
import { pvsnap } from './program.ts';

const asked: Record<string, string[]> = {
  'an administrator': [],
  'a user who may do nothing': ['--as', 'jane', '--as-group', 'developers', '--as-uid', '7', '--as-user-extra', 'a=b'],
  'a service account': ['--as', 'system:serviceaccount:default:default'],
  'a token that nobody knows': ['--token', 'nonsense', '--user', 'none'],
  'no server check': ['--insecure-skip-tls-verify'],
  'another name in the certificate': ['--tls-server-name', 'elsewhere'],
  'a plain request': ['--disable-compression'],
};

describe('the real API server', { concurrency: 2 }, () => {
  for (const [name, flags] of Object.entries(asked)) {
    test(`asked as ${name}`, async (t) => {
      const namespace = await openNamespace(t);
      const kubectl = await namespace.kubectl('get', 'vs', ...flags);
      const ours = await pvsnap(namespace, 'get', 'vs', ...flags);
      const words = kubectl.stderr.replaceAll(/^[EIW]\d{4} .*\n/gm, '');
      assert.deepEqual([ours.code, ours.stderr, ours.stdout], [kubectl.code, words, kubectl.stdout]);
    });
  }
});
