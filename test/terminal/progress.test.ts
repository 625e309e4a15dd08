import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { openLiveTable } from '../../src/terminal/live-table.ts';
import { openProgress } from '../../src/terminal/progress.ts';
import { setColours } from '../../src/terminal/style.ts';
import { FakeScreen } from './screen.ts';

describe('without a terminal', () => {
  const notes: string[] = [];
  const output = {
    interactive: false,
    toTerminal: false,
    alarming: (text: string) => text,
    width: Infinity,
    print: () => Promise.resolve(),
    write: () => Promise.resolve(),
    note: (text: string) => {
      notes.push(text);
    },
  };

  test('every change is a line, and nothing else is', () => {
    const progress = openProgress(output, { columns: ['CLAIM', 'STATE'] });
    progress.set('a', ['data-a', 'cutting'], 'busy', Date.now());
    progress.set('b', ['data-b', '', 'failed\x1b[2J'], 'bad');
    progress.set('a', ['data-a', 'cutting'], 'busy', Date.now());
    progress.note('still\x1b[0m\nhere');
    progress.set('a', ['data-a', 'ready'], 'good');
    progress.close();
    assert.deepEqual(notes, ['data-a  cutting', 'data-b  failed^[[2J', 'still^[[0m\nhere', 'data-a  ready']);
  });
});

describe('on a terminal', () => {
  beforeEach(() => {
    setColours(false);
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 });
  });
  afterEach(() => {
    mock.timers.reset();
    setColours('auto');
  });

  test('the rows are aligned, and stay when it is closed', () => {
    const screen = new FakeScreen();
    const table = openLiveTable(screen, ['CLAIM', 'STATE']);
    table.set('a', ['data-a', 'ready', '4Gi', '+0 ms'], 'good');
    table.set('b', ['data-long-name', 'retrying', 'driver: no space left in pool'], 'bad');
    table.close();
    assert.equal(
      screen.text,
      [
        '  CLAIM            STATE',
        '  data-a           ready      4Gi   +0 ms',
        '  data-long-name   retrying   driver: no space left in pool',
      ].join('\n'),
    );
  });

  test('a burst of changes is drawn once', () => {
    const screen = new FakeScreen();
    const table = openLiveTable(screen, undefined);
    for (let index = 0; index < 20; index++) table.set(`${index}`, [`row ${index}`]);
    mock.timers.tick(1);
    assert.equal(screen.writes, 1);
    table.close();
    assert.equal(screen.writes, 1, 'closing draws only what is new');
  });

  test('time ticks in the first empty cell, or at the end', () => {
    const screen = new FakeScreen();
    const table = openLiveTable(screen, undefined);
    table.set('a', ['data-a', 'cutting'], 'busy', 999_000);
    table.set('b', ['starting', '', 'pulling image'], 'busy', 1_000_000);
    mock.timers.tick(0);
    assert.equal(screen.text, '  data-a     cutting   1 s\n  starting   0 s       pulling image');
    mock.timers.tick(1000);
    assert.equal(screen.text, '  data-a     cutting   2 s\n  starting   1 s       pulling image');
    table.close();
    mock.timers.tick(5000);
    assert.match(screen.text, /2 s/);
  });

  test('a note goes above the table', () => {
    const screen = new FakeScreen();
    const table = openLiveTable(screen, undefined);
    table.set('a', ['data-a', 'cutting']);
    mock.timers.tick(0);
    table.note('a warning\nof two lines');
    table.set('a', ['data-a', 'ready']);
    table.close();
    assert.equal(screen.text, 'a warning\nof two lines\n  data-a   ready');
  });

  test('rows come and go in the middle', () => {
    const screen = new FakeScreen(80, 5);
    const table = openLiveTable(screen, ['N']);
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) table.set(key, [key], key < 'c' ? 'good' : 'busy');
    mock.timers.tick(0);
    assert.equal(screen.text, '  N\n  c\n  d\n  … and 4 more');
    table.set('c', ['c'], 'good');
    mock.timers.tick(100);
    assert.equal(screen.text, '  N\n  d\n  e\n  … and 4 more');
    table.close();
    assert.equal(screen.text, '  N\n  a\n  b\n  c\n  d\n  e\n  f');
  });

  test('no line is wider than the screen', () => {
    const screen = new FakeScreen(30);
    const table = openLiveTable(screen, undefined);
    table.set('a', ['data-es-zookeeper-0', 'failed', 'driver: no space left in pool']);
    table.close();
    assert.ok(screen.text.length < 30);
  });
});
