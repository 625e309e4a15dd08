import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { text } from 'node:stream/consumers';

/** Runs code with an output in a process of its own, whose streams are no terminals. */
function run(code: string, env: Record<string, string> = {}) {
  const source = `
    const { openOutput } = await import(${JSON.stringify(new URL('../../src/terminal/output.ts', import.meta.url))});
    const output = openOutput();
    ${code}`;
  const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', source];
  return spawn(process.execPath, flags, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, TERM: 'xterm-256color', ...env },
  });
}

describe('openOutput', () => {
  test('without a terminal nobody can be asked, and lines have any width', async () => {
    const child = run('await output.print(`${output.interactive} ${output.width}`)');
    assert.equal(await text(child.stdout), 'false Infinity\n');
  });

  test('the result goes to stdout, notes to stderr, each ended once', async () => {
    const child = run("await output.print('a'); await output.print('b\\n'); await output.print(''); output.note('c')");
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    assert.deepEqual([stdout, stderr], ['a\nb\n', 'c\n']);
  });

  test('a reader that goes away is no error', async () => {
    const child = run(`
      const line = 'x'.repeat(100_000);
      for (let printed = 0; printed < 100; printed++) await output.print(line);
      output.note('done')`);
    child.stdout.destroy();
    const [stderr, exit] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    assert.equal(stderr, 'done\n');
    assert.deepEqual(exit, [0, null]);
  });

  const terminal = 'process.stdout.isTTY = true; process.stdout.getColorDepth = WriteStream.prototype.getColorDepth;';
  const cases: [string, string, Record<string, string>, string][] = [
    ['on a terminal', terminal, {}, '\u001b[31m0/1\u001b[39m'],
    ['in a pipe', '', {}, '0/1'],
    ['in a pipe, whoever forces it', '', { FORCE_COLOR: '1' }, '0/1'],
    ['with NO_COLOR', terminal, { NO_COLOR: '1' }, '0/1'],
    ['on a terminal that has none', terminal, { TERM: 'dumb' }, '0/1'],
  ];
  for (const [where, setUp, env, expected] of cases) {
    test(`what stands out, ${where}`, async () => {
      const code = `const { WriteStream } = await import('node:tty'); ${setUp} await output.print(openOutput().alarming('0/1'))`;
      assert.equal(await text(run(code, env).stdout), `${expected}\n`);
    });
  }
});
