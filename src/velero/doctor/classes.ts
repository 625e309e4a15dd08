/** Whether Velero finds a class to snapshot each driver's volumes with. */
import { compareNatural } from '../../cluster/natural-order.ts';
import type { SnapshotClass, Volume } from '../../cluster/objects.ts';
import type { Finding } from '../../errors.ts';
import type { Seen } from './check.ts';
import { count, few } from './check.ts';

const classLabel = 'velero.io/csi-volumesnapshot-class';
const defaultAnnotation = 'snapshot.storage.kubernetes.io/is-default-class';

/** How many bound volumes each CSI driver has, of claims of the namespace where one is given. */
export function driversInUse(volumes: readonly Volume[], namespace: string | undefined): Map<string, number> {
  const drivers = new Map<string, number>();
  for (const { spec, status } of volumes) {
    const driver = spec?.csi?.driver;
    const isMeant = namespace === undefined || spec?.claimRef?.namespace === namespace;
    if (driver === undefined || status?.phase !== 'Bound' || !isMeant) continue;
    drivers.set(driver, (drivers.get(driver) ?? 0) + 1);
  }
  return drivers;
}

/** @param drivers in use, with how many volumes they have; 0 where that isn't known */
export function checkClasses(classes: readonly SnapshotClass[], drivers: ReadonlyMap<string, number>): Seen {
  if (drivers.size === 0) return { seen: ['no volume of a CSI driver is in use'], findings: [] };
  const each = [...drivers].map(([driver, volumes]) => checkDriver(classes, driver, volumes));
  return { seen: each.flatMap(({ seen }) => seen), findings: each.flatMap(({ findings }) => findings) };
}

/**
 * Velero takes one with its label, else one that has the annotation of a default, whatever it says, else the only one:
 * GetVolumeSnapshotClassForStorageClass in pkg/util/csi of Velero.
 */
function checkDriver(classes: readonly SnapshotClass[], driver: string, volumes: number): Seen {
  const candidates = classes.filter((one) => one.driver === driver).sort(byName);
  const labelled = candidates.filter(({ metadata }) => metadata.labels?.[classLabel] !== undefined);
  const marked = candidates.filter(({ metadata }) => metadata.annotations?.[defaultAnnotation] !== undefined);
  const chosen = [labelled, marked, candidates].find(({ length }) => length > 0) ?? [];
  const [only] = chosen;
  const about = `driver ${driver}`;
  if (only === undefined) return { seen: [], findings: [{ about, ...withoutClass(driver, volumes) }] };
  if (chosen.length === 1) return { seen: [`${about}: class ${only.metadata.name}`], findings: [] };
  return { seen: [], findings: [{ about, ...undecided(chosen, labelled.length > 0) }] };
}

function withoutClass(driver: string, volumes: number): Omit<Finding, 'about'> {
  const what = volumes === 0 ? 'its volumes' : `its ${count(volumes, 'volume')}`;
  return {
    problem: `has no VolumeSnapshotClass: Velero takes no snapshot of ${what}`,
    remedy: `make a class for ${driver} with the label ${classLabel}=true, if it can make snapshots`,
  };
}

function undecided(classes: readonly SnapshotClass[], isLabelled: boolean): Omit<Finding, 'about'> {
  const names = classes.map(({ metadata }) => metadata.name);
  const label = `kubectl label volumesnapshotclass/${names[0] ?? ''} ${classLabel}=true`;
  return isLabelled
    ? {
        problem: `has ${names.length} classes with the label ${classLabel}: which one Velero takes is chance (${few(names)})`,
        remedy: `leave it on one: kubectl label volumesnapshotclass/${names.at(-1) ?? ''} ${classLabel}-`,
      }
    : { problem: `has ${names.length} classes, and none is chosen: ${few(names)}`, remedy: `choose one: ${label}` };
}

function byName(a: SnapshotClass, b: SnapshotClass): number {
  return compareNatural(a.metadata.name, b.metadata.name);
}
