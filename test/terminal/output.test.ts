import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { text } from 'node:stream/consumers';

/** Runs code with an output in a process of its own, whose streams are no terminals. */
function run(code: string) {
  const source = `
    const { openOutput } = await import(${JSON.stringify(new URL('../../src/terminal/output.ts', import.meta.url))});
    const output = openOutput();
    ${code}`;
  const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', source];
  return spawn(process.execPath, flags, { stdio: ['ignore', 'pipe', 'pipe'] });
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
});
