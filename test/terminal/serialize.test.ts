import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { jsonText, yamlText } from '../../src/terminal/serialize.ts';

const texts = fc.dictionary(
  fc.string({ unit: 'binary' }),
  fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.constant(null)),
);

describe('objects as text', () => {
  test('are the same objects, and hold no control that a terminal would obey', async () => {
    await fc.assert(
      fc.asyncProperty(texts, async (value) => {
        const expected = JSON.parse(JSON.stringify(value)) as unknown;
        const readJson = (text: string): unknown => JSON.parse(text);
        const readYaml = (text: string): unknown => parse(text);
        for (const [text, readBack] of [
          [jsonText(value), readJson],
          [await yamlText(value), readYaml],
        ] as const) {
          assert.deepEqual({ ...(readBack(text) as object) }, { ...(expected as object) });
          assert.doesNotMatch(text, /[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('have their keys in order, as kubectl prints them', async () => {
    assert.equal(
      jsonText({ b: 1, a: [{ d: 1, c: 2 }] }),
      '{\n    "a": [\n        {\n            "c": 2,\n            "d": 1\n        }\n    ],\n    "b": 1\n}\n',
    );
    assert.equal(
      await yamlText({ b: '2026-01-01T00:00:00Z', a: [{ c: 'yes' }] }),
      'a:\n- c: "yes"\nb: "2026-01-01T00:00:00Z"\n',
    );
  });
});
