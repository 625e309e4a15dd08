/** Restores of Velero's backups that are killed, and what somebody does to what they had imported. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import type { TestNamespace } from '../cluster/namespace.ts';
import { openNamespace } from '../cluster/namespace.ts';
import type { Velero } from '../cluster/velero.ts';
import { openVelero } from '../cluster/velero.ts';
import { entering, interruptedAt, succeed } from './interrupted.ts';
import { pvsnap } from './program.ts';
import { fill, makeClaims } from './restore-app.ts';
import { assertRestored } from './restore-checks.ts';
import { assertOnStorage, backUpClaims, importedObjects, sideBySide } from './velero-app.ts';

interface App {
  namespace: TestNamespace;
  set: string;
  handles: string[];
}

async function openApp(t: TestContext, velero: Velero): Promise<App> {
  const namespace = await openNamespace(t);
  await makeClaims(namespace, ['data']);
  const { set, handles } = await backUpClaims(velero, namespace);
  await fill(namespace, ['data'], 'after');
  return { namespace, set, handles };
}

describe("restores of Velero's backups, in trouble", () => {
  test('over one server', { concurrency: 3 }, async (t) => {
    const velero = await openVelero(t);
    const { add: together, end } = sideBySide(t);

    for (const [step, verb] of [
      ['stage', 'undo'],
      ['tidy', 'resume'],
      ['swap', 'undo'],
    ] as const) {
      together(
        `killed before ${step}, its contents made Delete by somebody: ${verb} keeps what is on storage`,
        async (inner) => {
          const { namespace, set, handles } = await openApp(inner, velero);
          const operation = await interruptedAt(namespace, entering('restore', step), 'restore', set);
          await makeDelete(namespace, operation);
          await succeed(namespace, verb, operation);
          assert.deepEqual(await importedObjects(namespace), []);
          await assertOnStorage(namespace, handles);
        },
      );
    }

    for (const [step, verb] of [
      ['stage', 'undo'],
      ['stage', 'resume'],
      ['tidy', 'resume'],
    ] as const) {
      together(`--as-new killed before ${step}: ${verb} leaves nothing but what was asked for`, async (inner) => {
        const { namespace, set, handles } = await openApp(inner, velero);
        const operation = await interruptedAt(namespace, entering('restore', step), 'restore', set, '--as-new');
        await succeed(namespace, verb, operation);
        assert.deepEqual(await importedObjects(namespace), []);
        await assertOnStorage(namespace, handles);
        const { stdout } = await namespace.kubectl('get', 'pvc', '-o', 'name');
        assert.equal(stdout.trim().split('\n').length, verb === 'undo' ? 1 : 2);
      });
    }

    together('into another namespace, killed: goes on with what was imported, or is undone', async (inner) => {
      const { namespace, set, handles } = await openApp(inner, velero);
      for (const verb of ['resume', 'undo'] as const) {
        const other = await openNamespace(inner);
        const words = ['restore', set, '--namespace', namespace.name, '--to-namespace', other.name];
        const operation = await interruptedAt(other, entering('restore', 'stage'), ...words);
        await succeed(other, verb, operation);
        assert.deepEqual(await importedObjects(other), []);
        if (verb === 'resume') {
          await assertRestored(other, { claims: { data: 'before' } });
          await succeed(other, 'undo', operation);
          assert.equal((await other.kubectl('get', 'pvc', '-o', 'name')).stdout, '');
        }
      }
      await assertOnStorage(namespace, handles);
    });

    together('two of one backup at once, beside', async (inner) => {
      const { namespace, set, handles } = await openApp(inner, velero);
      const both = await Promise.all([
        pvsnap(namespace, 'restore', set, '--as-new', '--yes'),
        pvsnap(namespace, 'restore', set, '--as-new', '--yes'),
      ]);
      for (const { code, stderr } of both) {
        assert.equal(code, 0, stderr);
        const [, made = ''] = /data -> (\S+)/.exec(stderr) ?? [];
        assert.equal(await namespace.read(made, 'data'), 'data: before');
      }
      assert.deepEqual(await importedObjects(namespace), []);
      await assertOnStorage(namespace, handles);
    });

    await end();
  });
});

/** Of the contents that the operation has made. */
async function makeDelete(namespace: TestNamespace, operation: string): Promise<void> {
  const { stdout } = await namespace.kubectl('get', 'vsc', '-l', `pvsnap.io/operation=${operation}`, '-o', 'name');
  const names = stdout.trim().split('\n');
  assert.equal(names.length, 1);
  const policy = '{"spec":{"deletionPolicy":"Delete"}}';
  const { code, stderr } = await namespace.kubectl('patch', ...names, '--type=merge', '-p', policy);
  assert.equal(code, 0, stderr);
}
