/** Command lines that are not understood: exit 2, the input named, nothing asked of the cluster. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { run } from './program.ts';

const wrong: [string[], string][] = [
  [['frobnicate'], 'frobnicate'],
  [['create'], 'create needs a target'],
  [['create', 'pvc/a', 'data'], '"data" is not a target: expected TYPE/NAME'],
  [['create', 'pvc/a', '--fast'], 'fast'],
  [['create', 'pvc/a', '--name', 'Nightly'], '--name "Nightly": expected lower-case letters'],
  [['create', 'pvc/a', '--timeout', 'soon'], '--timeout "soon": expected a duration'],
  [['create', 'pvc/a', '--dry-run=yes'], '--dry-run "yes": expected none, client, server'],
  [['create', 'pvc/a', '--dry-run'], '--dry-run'],
  [['create', 'pvc/a', '--wait=maybe'], '--wait "maybe"'],
  [['create', 'pvc/a', '-o', 'wide'], '--output "wide": expected name, json, yaml'],
  [['get', 'pods'], 'get "pods": expected sets, operations, vs, vsc, vsclass'],
];

describe('a command line that is not understood', { concurrency: 4 }, () => {
  for (const [words, message] of wrong) {
    test(words.join(' '), async () => {
      const { code, stdout, stderr } = await run(words, { KUBECONFIG: '/nowhere' }).finished;
      assert.deepEqual([code, stdout], [2, '']);
      assert.ok(stderr.startsWith('error: ') && stderr.includes(message), stderr);
    });
  }

  test('usage lines name what called the program', async () => {
    const fromOc = await run(['--help'], { _: '/usr/local/bin/oc' }).finished;
    const fromKubectl = await run(['--help'], { _: '/usr/local/bin/kubectl' }).finished;
    assert.match(fromOc.stdout, /^oc pvsnap VERB/);
    assert.match(fromKubectl.stdout, /^kubectl pvsnap VERB/);
  });

  test('repeated flags: the last one counts, as in kubectl', async () => {
    const { stderr } = await run(['create', 'pvc/a', '--name', 'a', '--name', 'B'], { KUBECONFIG: '/nowhere' })
      .finished;
    assert.match(stderr, /--name "B"/);
  });
});
