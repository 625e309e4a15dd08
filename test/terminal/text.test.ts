import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { clip, displayWidth, shorten, shown } from '../../src/terminal/text.ts';

const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), hazardousText());

function hazardousText(): fc.Arbitrary<string> {
  return fc.string({
    unit: fc.constantFrom('\x1b', '[', '\r', '\n', '\x9b', '\u202e', '\u200b', '\ufeff', '\x07', 'a'),
  });
}

describe('shown', () => {
  test('writes ESC and CR as kubectl does', () => {
    assert.equal(shown('\x1b[31mred\r'), '^[[31mred\\r');
  });

  test('names what a terminal would obey or hide', () => {
    assert.equal(shown('a\tb\nc\x07\x7f\x9b'), 'a\\tb\\nc^G^?\\x9b');
    assert.equal(shown('pay\u202egnp.exe'), 'pay\\u202egnp.exe');
    assert.equal(shown('x\u200by\u2066z\ufeff\u{e0041}'), 'x\\u200by\\u2066z\\ufeff\\u{e0041}');
    assert.equal(shown('\ud800'), '\\ud800');
  });

  test('leaves what is written in any script alone', () => {
    const text = 'Größe, 容量, объём, ✔️ 😀 e\u0301';
    assert.equal(shown(text), text);
  });

  test('leaves no control or format character', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        assert.doesNotMatch(shown(text), /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  test('changes nothing the second time', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        assert.equal(shown(shown(text)), shown(text));
      }),
    );
  });
});

describe('displayWidth', () => {
  test('counts columns of the terminal', () => {
    const widths = { abc: 3, 'e\u0301': 1, 容量: 4, '😀': 2, ｶ: 1, Ａ: 2, 'Größe…': 6 };
    for (const [text, width] of Object.entries(widths)) assert.equal(displayWidth(text), width, text);
  });
});

describe('clip', () => {
  test('ends a cut text with dots', () => {
    assert.equal(clip('snapshot', 8), 'snapshot');
    assert.equal(clip('snapshot-1', 8), 'snaps...');
    assert.equal(clip('容量容量', 6), '容...');
    assert.equal(clip('snapshot', 2), '..');
  });
});

describe('shorten', () => {
  test('cuts the middle out', () => {
    assert.equal(shorten('pvc-1f0c2a7e-33aa', 12), 'pvc-1...33aa');
    assert.equal(shorten('pvc', 3), 'pvc');
    assert.equal(shorten('abcdef', 4), 'a...');
  });
});

for (const cut of [clip, shorten]) {
  test(`${cut.name} never takes more than the width`, () => {
    fc.assert(
      fc.property(anyText.map(shown), fc.nat(40), (text, width) => {
        assert.ok(displayWidth(cut(text, width)) <= width);
      }),
    );
  });
}
