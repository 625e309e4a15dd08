/** Which VolumeSnapshotClass a claim's snapshot is made with. */
import type { SnapshotClass } from '../cluster/objects.ts';
import type { Finding } from '../errors.ts';

/** From external-snapshotter pkg/utils: IsDefaultSnapshotClassAnnotation. */
const defaultAnnotation = 'snapshot.storage.kubernetes.io/is-default-class';

export type ChosenClass = { name: string } | { finding: Omit<Finding, 'about'> };

/**
 * @param driver of the claim's volume
 * @param wanted what the user asked for with --class
 */
export function chooseClass(
  classes: readonly SnapshotClass[],
  driver: string,
  wanted: string | undefined,
): ChosenClass {
  const candidates = classes.filter((snapshotClass) => snapshotClass.driver === driver);
  if (wanted !== undefined) return checkWanted(classes, driver, wanted, candidates);

  const defaults = candidates.filter(({ metadata }) => metadata.annotations?.[defaultAnnotation] === 'true');
  const [first] = defaults;
  if (first !== undefined && defaults.length === 1) return { name: first.metadata.name };
  const problem =
    defaults.length === 0
      ? `no VolumeSnapshotClass is the default for its driver ${driver}`
      : `${defaults.length} VolumeSnapshotClasses say they are the default for its driver ${driver}`;
  return { finding: { problem, remedy: remedy(defaults.length === 0 ? candidates : defaults, driver) } };
}

function checkWanted(
  classes: readonly SnapshotClass[],
  driver: string,
  wanted: string,
  candidates: readonly SnapshotClass[],
): ChosenClass {
  const named = classes.find(({ metadata }) => metadata.name === wanted);
  if (named?.driver === driver) return { name: wanted };
  const problem =
    named === undefined
      ? `there is no VolumeSnapshotClass "${wanted}"`
      : `VolumeSnapshotClass "${wanted}" is for driver ${named.driver}, its volume is of ${driver}`;
  return { finding: { problem, remedy: remedy(candidates, driver) } };
}

function remedy(candidates: readonly SnapshotClass[], driver: string): string {
  const names = candidates.map(({ metadata }) => metadata.name).sort();
  if (names.length === 0) return `make a VolumeSnapshotClass for driver ${driver} first`;
  return `choose with --class: ${names.join(', ')}`;
}
