import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { CancelledError } from '../../src/errors.ts';
import { confirm, pick } from '../../src/terminal/prompt.ts';

const keys = { enter: '\r', down: '\x1b[B', escape: '\x1b', ctrlC: '\x03', ctrlD: '\x04' };

/** A terminal on which the keys are pressed once the question stands there. */
async function answering<T>(
  ask: (streams: { input: PassThrough; output: PassThrough }) => Promise<T>,
  pressed: string[],
): Promise<{ answer: Promise<T>; screen: () => string }> {
  const input = new PassThrough();
  const output = new PassThrough();
  let text = '';
  output.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const answer = ask({ input, output });
  answer.catch(() => undefined);
  while (!text.includes('?')) await once(output, 'data');
  for (const key of pressed) {
    // The list is searched and drawn again between two keys.
    await new Promise(setImmediate);
    input.write(key);
  }
  return { answer, screen: () => stripVTControlCharacters(text) };
}

describe('confirm', () => {
  const ask = (...pressed: string[]) => answering((streams) => confirm('Restore now?', streams), pressed);

  for (const [answer, pressed] of [
    [true, ['y', keys.enter]],
    [true, ['y', 'e', 's', keys.enter]],
    [false, ['n', keys.enter]],
    [false, [keys.enter]],
    [false, [keys.escape]],
    [false, [keys.ctrlD]],
    [false, ['y', keys.escape]],
  ] as const) {
    test(`${JSON.stringify(pressed)} is ${answer}`, async () => {
      assert.equal(await (await ask(...pressed)).answer, answer);
    });
  }

  test('Ctrl-C cancels', async () => {
    const { answer } = await ask(keys.ctrlC);
    await assert.rejects(answer, CancelledError);
  });

  test('says that no is the default', async () => {
    const { answer, screen } = await ask(keys.enter);
    await answer;
    assert.match(screen(), /\? Restore now\? \(y\/N\)/);
  });

  test('the end of the input is no', async () => {
    const input = new PassThrough();
    const answer = confirm('Restore now?', { input, output: new PassThrough().resume() });
    input.end();
    assert.equal(await answer, false);
  });
});

describe('pick', () => {
  const sets = [
    { value: 1, cells: ['before-upgrade', '3h ago', 'statefulset/es-kafka'] },
    { value: 2, cells: ['nightly-0412', '11h ago'], disabled: 'data-es-kafka-2 failed' },
    { value: 3, cells: ['nightly-0411', '35h ago', 'statefulset/es-zookeeper'] },
  ];
  const ask = (...pressed: string[]) => answering((streams) => pick('Restore which set?', sets, streams), pressed);

  for (const [answer, pressed] of [
    [1, [keys.enter]],
    [3, [keys.down, keys.enter]],
    [3, ['Zoo', keys.enter]],
    [3, ['35 nightly', keys.enter]],
    [undefined, [keys.escape]],
    [undefined, ['0412', keys.enter, keys.escape]],
    [undefined, ['nothing like it', keys.enter, keys.escape]],
  ] as const) {
    test(`${JSON.stringify(pressed)} takes ${answer ?? 'nothing'}`, async () => {
      assert.equal(await (await ask(...pressed)).answer, answer);
    });
  }

  test('Ctrl-C cancels', async () => {
    const { answer } = await ask('night', keys.ctrlC);
    await assert.rejects(answer, CancelledError);
  });

  test('shows aligned rows, and why one is disabled', async () => {
    const { answer, screen } = await ask(keys.enter);
    await answer;
    assert.match(screen(), /^> before-upgrade {3}3h ago {4}statefulset\/es-kafka$/m);
    assert.match(screen(), /^ {2}nightly-0412 {5}11h ago {3}data-es-kafka-2 failed$/m);
  });
});
