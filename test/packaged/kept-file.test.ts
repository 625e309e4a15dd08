/** Code that a start leaves for the next one: never read from where anybody else could have put it. */
import assert from 'node:assert/strict';
import { chmodSync, chownSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, test } from 'node:test';
import { readKept, writeKept } from '../../src/packaged/kept-file.ts';

const root = mkdtempSync(join(tmpdir(), 'pvsnap-kept-'));
const former = process.env.XDG_CACHE_HOME;
after(() => {
  if (former === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = former;
  rmSync(root, { recursive: true });
});

const content = Buffer.from('code');
const name = 'get.bin';
const isRoot = process.getuid?.() === 0;
let home = '';
let folder = '';
let file = '';

beforeEach(() => {
  home = join(mkdtempSync(join(root, 'home-')), 'cache');
  folder = join(home, 'kubectl-pvsnap', 'code');
  file = join(folder, name);
  process.env.XDG_CACHE_HOME = home;
});

function read(): string | undefined {
  const found = readKept(name);
  return found && Buffer.from(found).toString();
}

describe('a kept file', () => {
  test('is read by the next start; nobody else may read or write it or its folder', () => {
    assert.equal(read(), undefined);
    writeKept(name, content);
    assert.equal(read(), 'code');
    assert.equal(lstatSync(file).mode & 0o777, 0o600);
    assert.equal(lstatSync(folder).mode & 0o777, 0o700);
  });

  const unsafe: [string, () => void][] = [
    [
      'others may write it',
      () => {
        chmodSync(file, 0o602);
      },
    ],
    [
      'its group may write it',
      () => {
        chmodSync(file, 0o620);
      },
    ],
    [
      'others may write its folder',
      () => {
        chmodSync(folder, 0o707);
      },
    ],
    [
      'its group may write its folder',
      () => {
        chmodSync(folder, 0o770);
      },
    ],
    [
      'others may write a folder above',
      () => {
        chmodSync(home, 0o777);
      },
    ],
    [
      'others may write a folder above, and its own folder is reached through a link',
      () => {
        const elsewhere = join(home, 'elsewhere');
        mkdirSync(elsewhere);
        chmodSync(elsewhere, 0o777);
        renameSync(folder, join(elsewhere, 'code'));
        symlinkSync(join(elsewhere, 'code'), folder);
      },
    ],
    [
      'it is a link',
      () => {
        renameSync(file, `${file}.real`);
        symlinkSync(`${file}.real`, file);
      },
    ],
    [
      'it is a folder',
      () => {
        rmSync(file);
        mkdirSync(file);
      },
    ],
  ];
  const owned: [string, () => void][] = [
    [
      'it is somebody else’s',
      () => {
        chownSync(file, 12_345, 0);
      },
    ],
    [
      'its folder is somebody else’s',
      () => {
        chownSync(folder, 12_345, 0);
      },
    ],
    [
      'a folder above is somebody else’s',
      () => {
        chownSync(home, 12_345, 0);
      },
    ],
  ];
  for (const [what, change] of unsafe) {
    test(`is not read where ${what}`, () => {
      writeKept(name, content);
      change();
      assert.equal(read(), undefined);
    });
  }
  for (const [what, change] of owned) {
    test(`is not read where ${what}`, { skip: !isRoot && 'only root can give files away' }, () => {
      writeKept(name, content);
      change();
      assert.equal(read(), undefined);
    });
  }

  test('is read in a folder for everybody whose sticky bit keeps others from putting another in its place', () => {
    writeKept(name, content);
    chmodSync(home, 0o1777);
    assert.equal(read(), 'code');
  });

  test('is not written to a folder that others may write', () => {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o777);
    writeKept(name, content);
    assert.deepEqual(readdirSync(folder), []);
  });

  test('appears whole or not at all: a write that fails leaves nothing', () => {
    mkdirSync(join(file, 'in the way'), { recursive: true });
    chmodSync(folder, 0o700);
    writeKept(name, content);
    assert.deepEqual(readdirSync(folder), [name]);
  });

  test('takes the place of the former one', () => {
    writeKept(name, content);
    writeKept(name, Buffer.from('newer'));
    assert.equal(read(), 'newer');
    assert.deepEqual(readdirSync(folder), [name]);
  });

  test('without a place to write to, nothing is said', () => {
    writeFileSync(home, '');
    writeKept(name, content);
    assert.equal(read(), undefined);
    process.env.XDG_CACHE_HOME = '/proc/pvsnap';
    writeKept(name, content);
    assert.equal(read(), undefined);
  });
});
