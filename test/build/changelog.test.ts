/** A release tells what is in it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { notesOf } from '../../scripts/build/changelog.ts';

const changelog =
  '# Changelog\n\n## Unreleased\n\n## 0.2.0 - 2026-12-01\n\n### Added\n\n- This.\n\n## [0.1.0] - 2026\n\n- That.\n';

describe('the notes of a release', () => {
  test('are the section of its version', () => {
    assert.equal(notesOf(changelog, '0.2.0'), '### Added\n\n- This.\n');
    assert.equal(notesOf(changelog, '0.1.0'), '- That.\n');
  });

  test('must be there', () => {
    assert.throws(() => notesOf(changelog, '0.3.0'), /no section "## 0\.3\.0 - DATE": rename "Unreleased"/);
    assert.throws(() => notesOf(changelog, '0.1'), /no section/);
    assert.throws(() => notesOf('## 1.0.0\n\n## 0.9.0\n- x', '1.0.0'), /says nothing about 1\.0\.0/);
  });
});
