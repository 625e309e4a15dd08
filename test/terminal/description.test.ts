import assert from 'node:assert/strict';
import { test } from 'node:test';
import { descriptionText } from '../../src/terminal/description.ts';

test('a description has its values in one column, lines below lines, and tables below their label', () => {
  const text = descriptionText([
    ['Name', 'restore-7f3k2'],
    ['Next', ['undo', 'commit']],
    ['Notes', []],
    ['Claims', { columns: ['Name', 'Size'], rows: [['data-0', '4Gi']] }],
    ['Volumes', { columns: ['Name'], rows: [] }],
  ]);
  const lines = ['Name:     restore-7f3k2', 'Next:     undo', '          commit', 'Notes:    <none>'];
  const table = ['Claims:', '  Name    Size', '  ----    ----', '  data-0  4Gi', 'Volumes:  <none>'];
  assert.equal(text, [...lines, ...table, ''].join('\n'));
});

test('a description shows what a terminal would obey, and no text makes a line of its own', () => {
  const text = descriptionText([
    ['Message', 'a\u001b[2Jb\nPhase: completed'],
    ['Problems', ['x\u202e\r']],
    ['Volumes', { columns: ['Name'], rows: [['pv\u0007\n']] }],
  ]);
  assert.equal(
    text,
    'Message:   a^[[2Jb\\nPhase: completed\nProblems:  x\\u202e\\r\nVolumes:\n  Name\n  ----\n  pv^G\\n\n',
  );
});
