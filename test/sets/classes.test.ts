import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { chooseClass } from '../../src/sets/classes.ts';
import { driver, snapshotClass } from './objects.ts';

const chosen = (name: string): object => ({ name });
const refused = (problem: string, remedy: string): object => ({ finding: { problem, remedy } });
const other = 'other.csi';

describe('without --class', () => {
  test('the driver’s default is taken, whatever other drivers have', () => {
    const classes = [snapshotClass('a'), snapshotClass('b', 'true'), snapshotClass('c', 'true', other)];
    assert.deepEqual(chooseClass(classes, driver, undefined), chosen('b'));
  });

  test('no default is refused with all of the driver’s, an only one too', () => {
    const problem = `no VolumeSnapshotClass is the default for its driver ${driver}`;
    const classes = [snapshotClass('b', 'false'), snapshotClass('a'), snapshotClass('c', 'true', other)];
    assert.deepEqual(chooseClass(classes, driver, undefined), refused(problem, 'choose with --class: a, b'));
    assert.deepEqual(
      chooseClass([], driver, undefined),
      refused(problem, `make a VolumeSnapshotClass for driver ${driver} first`),
    );
  });

  test('several defaults are refused with their names', () => {
    const classes = [snapshotClass('b', 'true'), snapshotClass('a', 'true'), snapshotClass('c')];
    const problem = `2 VolumeSnapshotClasses say they are the default for its driver ${driver}`;
    assert.deepEqual(chooseClass(classes, driver, undefined), refused(problem, 'choose with --class: a, b'));
  });
});

describe('--class', () => {
  const classes = [snapshotClass('ours', 'true'), snapshotClass('plain'), snapshotClass('theirs', 'true', other)];

  test('is taken when it is of the driver', () => {
    assert.deepEqual(chooseClass(classes, driver, 'plain'), chosen('plain'));
  });

  test('is refused when it is of another driver, or isn’t there', () => {
    const remedy = 'choose with --class: ours, plain';
    const wrong = `VolumeSnapshotClass "theirs" is for driver ${other}, its volume is of ${driver}`;
    assert.deepEqual(chooseClass(classes, driver, 'theirs'), refused(wrong, remedy));
    assert.deepEqual(chooseClass(classes, driver, 'none'), refused('there is no VolumeSnapshotClass "none"', remedy));
  });
});

test('what is chosen is always a class of the driver', () => {
  const drawn = fc.record({
    name: fc.constantFrom('a', 'b', 'c', 'd'),
    isDefault: fc.constantFrom('true', 'false', 'True', undefined),
    of: fc.constantFrom(driver, other),
  });
  const classes = fc
    .uniqueArray(drawn, { selector: ({ name }) => name })
    .map((list) => list.map(({ name, isDefault, of }) => snapshotClass(name, isDefault, of)));
  fc.assert(
    fc.property(classes, fc.constantFrom('a', 'z', undefined), (list, wanted) => {
      const choice = chooseClass(list, driver, wanted);
      if ('finding' in choice) return;
      assert.equal(list.find(({ metadata }) => metadata.name === choice.name)?.driver, driver);
      if (wanted !== undefined) assert.equal(choice.name, wanted);
    }),
  );
});
