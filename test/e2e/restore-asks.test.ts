/** `restore` on a terminal: a list to choose from, the plan, and a question that defaults to no. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openNamespace } from '../cluster/namespace.ts';
import { makeClaims, takeSet } from './restore-app.ts';
import { assertRestored, everythingIn } from './restore-checks.ts';
import { startOnTerminal } from './terminal.ts';

test('restore on a terminal', async (t) => {
  const namespace = await openNamespace(t);
  await makeClaims(namespace, ['data']);
  await takeSet(namespace, 'older', ['pvc/data'], ['data']);
  await takeSet(namespace, 'newer', ['pvc/data'], ['data']);
  const before = await everythingIn(namespace);
  await t.test('Esc leaves the list with nothing changed', async () => {
    const restore = startOnTerminal(namespace, 'restore');
    await restore.says(/newer +\d+m?s ago +1\/1 volumes +1Gi[^\n]*\n[^\n]*older/);
    restore.type('\u001b');
    const { code, text } = await restore.finished;
    assert.equal(code, 130, text);
    assert.deepEqual(await everythingIn(namespace), before);
  });
  await t.test('Enter at the question is no', async () => {
    const restore = startOnTerminal(namespace, 'restore', 'older');
    await restore.says('Restore now?');
    restore.type('\r');
    const { code, text } = await restore.finished;
    assert.equal(code, 130, text);
    assert.match(text, /Restore of older \(1 volume/);
    assert.match(text, /nothing was changed/);
    assert.deepEqual(await everythingIn(namespace), before);
  });
  await t.test('typed letters narrow the list, and y restores what was chosen', async () => {
    const restore = startOnTerminal(namespace, 'restore');
    await restore.says('Restore which set?');
    restore.type('old');
    await restore.says(/Restore which set\?[^\n]*old/);
    restore.type('\r');
    await restore.says('Restore now?');
    restore.type('y\r');
    const { code, text } = await restore.finished;
    assert.equal(code, 0, text);
    await assertRestored(namespace, { claims: { data: 'before' }, parked: [['data', 'after']] });
  });
});
