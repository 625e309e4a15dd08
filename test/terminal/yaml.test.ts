/** JSON and YAML of objects; test/e2e/get-grid.test.ts compares both with kubectl's. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { jsonText, safeJson } from '../../src/terminal/json.ts';
import { yamlText } from '../../src/terminal/yaml.ts';

const text = fc.string({ unit: 'binary' });
const objects = fc.dictionary(text, fc.oneof(text, fc.integer(), fc.constant(null)));

describe('objects as text', () => {
  test('are the same objects, and hold no control that a terminal would obey', () => {
    fc.assert(
      fc.property(objects, (value) => {
        const expected = JSON.parse(JSON.stringify(value)) as object;
        for (const [written, read] of [
          [safeJson(jsonText(value)), JSON.parse],
          [yamlText(value, { isSafe: true }), (yaml: string) => parse(yaml, { version: '1.1' }) as unknown],
        ] as const) {
          assert.deepEqual({ ...(read(written) as object) }, { ...expected });
          assert.doesNotMatch(written, /[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('have their keys in order, as kubectl prints them', () => {
    const json =
      '{\n    "a": [\n        {\n            "c": 2,\n            "d": 1\n        }\n    ],\n    "b": 1\n}\n';
    assert.equal(jsonText({ b: 1, a: [{ d: 1, c: 2 }] }), json);
    const yaml = 'a:\n- c: "yes"\nb: "2026-01-01T00:00:00Z"\n';
    assert.equal(yamlText({ b: '2026-01-01T00:00:00Z', a: [{ c: 'yes' }] }), yaml);
  });

  test('keep all digits of a bigint, and are escaped as Go escapes them', () => {
    assert.equal(jsonText({ n: 1699999999123456789n }), '{\n    "n": 1699999999123456789\n}\n');
    assert.equal(
      yamlText({ n: 1699999999123456789n, f: 1e6, g: 1.5e-7 }),
      'f: 1000000\ng: 1.5e-07\n"n": 1699999999123456789\n',
    );
    assert.equal(jsonText('<a>&\u2028'), '"\\u003ca\\u003e\\u0026\\u2028"\n');
  });
});
