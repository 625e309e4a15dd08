import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { findingsText, planText } from '../../src/terminal/plan.ts';

const restore = {
  title: 'Restore of before-upgrade (2 volumes, taken 3h ago) in place, namespace kafka',
  sections: [
    { label: 'stage', lines: ['2 volumes from their snapshots, 8Gi each, while everything keeps running'] },
    {
      label: 'stop',
      lines: {
        rows: [
          ['deployment/es-operator', '1 replica', 'serves 2 other Kafkas: they run on unmanaged meanwhile'],
          ['statefulset/es-zookeeper', '3 replicas'],
        ],
      },
    },
    {
      label: 'swap',
      lines: { columns: ['CLAIM', 'NOW', 'THEN'], rows: [['data-es-kafka-0', 'pvc-1f0c, 4Gi', 'new, 8Gi']] },
    },
    { label: 'start', lines: ['the same in reverse order'] },
  ],
  closing: ['Nothing is deleted: the 2 volumes of now (8Gi) stay parked until you commit.'],
};

describe('planText', () => {
  test('lays a restore out', () => {
    assert.equal(
      planText(restore, Infinity),
      `Restore of before-upgrade (2 volumes, taken 3h ago) in place, namespace kafka

  stage   2 volumes from their snapshots, 8Gi each, while everything keeps running
  stop    deployment/es-operator      1 replica     serves 2 other Kafkas: they run on unmanaged meanwhile
          statefulset/es-zookeeper    3 replicas
  swap    CLAIM              NOW              THEN
          data-es-kafka-0    pvc-1f0c, 4Gi    new, 8Gi
  start   the same in reverse order

Nothing is deleted: the 2 volumes of now (8Gi) stay parked until you commit.`,
    );
  });

  test('wraps sentences and cuts cells to the width of the terminal', () => {
    assert.equal(
      planText(restore, 60),
      `Restore of before-upgrade (2 volumes, taken 3h ago) in
place, namespace kafka

  stage   2 volumes from their snapshots, 8Gi each, while
          everything keeps running
  stop    deploym...erator    1 replica     serves ...nwhile
          statefu...keeper    3 replicas
  swap    CLAIM              NOW              THEN
          data-es-kafka-0    pvc-1f0c, 4Gi    new, 8Gi
  start   the same in reverse order

Nothing is deleted: the 2 volumes of now (8Gi) stay parked
until you commit.`,
    );
  });

  test('never passes on a control character', () => {
    const word = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(word, word, word, word, (title, label, cell, closing) => {
        const plan = { title, sections: [{ label, lines: { rows: [[cell, cell]] } }], closing: [closing] };
        assert.doesNotMatch(planText(plan, 80).replaceAll('\n', ''), /\p{Cc}/u);
      }),
    );
  });

  test('fits any plan with short words in 80 columns', () => {
    const cell = fc.string({ maxLength: 60 });
    const rows = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }));
    fc.assert(
      fc.property(rows, (drawn) => {
        const text = planText(
          { title: 'Restore', sections: [{ label: 'swap', lines: { rows: drawn } }], closing: [] },
          80,
        );
        for (const line of text.split('\n')) assert.ok(line.length <= 80, line);
      }),
    );
  });
});

describe('findingsText', () => {
  const findings = [
    {
      about: 'data-es-kafka-1',
      problem: 'its snapshot is not ready: driver says "quota exceeded" (2m ago)',
      remedy: 'wait for it (kubectl pvsnap get vs -w), or leave it out with --only',
    },
    { about: 'you', problem: 'may not patch persistentvolumes: ask for the role in docs/rbac.md' },
  ];

  test('shows all findings, each with its way out', () => {
    assert.equal(
      findingsText("error: before-upgrade can't be restored; nothing was changed", findings),
      `error: before-upgrade can't be restored; nothing was changed

  data-es-kafka-1   its snapshot is not ready: driver says "quota exceeded" (2m ago)
                    wait for it (kubectl pvsnap get vs -w), or leave it out with --only
  you               may not patch persistentvolumes: ask for the role in docs/rbac.md`,
    );
  });

  test('wraps beside the names', () => {
    const text = findingsText('error: no', findings, 60);
    assert.match(text, /driver says\n {20}"quota exceeded"/);
    for (const line of text.split('\n')) assert.ok(line.length <= 60, line);
  });
});
