/** Backups that hold less than their phase makes believe, and those that failed lately. */
import type { Claim } from '../../cluster/objects.ts';
import type { Finding } from '../../errors.ts';
import { covers } from '../backups.ts';
import type { Backup } from '../resources.ts';
import type { Seen } from './check.ts';
import { count, few } from './check.ts';

const lately = { ms: 7 * 24 * 3_600_000, text: '7 days' };

interface Around {
  /** Bound claims on volumes of CSI drivers, or that may be; undefined where they can't be read. */
  claims: readonly Claim[] | undefined;
  /** undefined where the server's Deployment can't be read. */
  isCsiEnabled: boolean | undefined;
  nowMs: number;
}

export function checkBackups(all: readonly Backup[], around: Around): Seen {
  const newestFirst = [...all].sort((a, b) => startOf(b) - startOf(a));
  const completed = newestFirst.filter(({ status }) => status?.phase === 'Completed');
  const empty = completed.filter((backup) => holdsNoSnapshot(backup) && shouldHoldSome(backup, around.claims));
  const failed = newestFirst.filter((backup) => hasFailed(backup) && around.nowMs - startOf(backup) < lately.ms);
  const [newest] = completed;
  const last = newest === undefined ? 'none is Completed' : `the newest Completed one is ${newest.metadata.name}`;
  return {
    seen: [`${count(all.length, 'backup')}; ${last}`],
    findings: [...byCause(empty, around), ...failed.map(failure)],
  };
}

function startOf({ metadata, status }: Backup): number {
  return Date.parse(status?.startTimestamp ?? metadata.creationTimestamp ?? '');
}

/** Of a CSI driver's. One that moves or copies data, or has snapshots by a cloud's plugin, holds it in another way. */
function holdsNoSnapshot({ spec, status }: Backup): boolean {
  const { csiVolumeSnapshotsAttempted = 0, volumeSnapshotsAttempted = 0 } = status ?? {};
  const isElsewhere = spec?.snapshotMoveData === true || spec?.defaultVolumesToFsBackup === true;
  return (
    csiVolumeSnapshotsAttempted === 0 &&
    volumeSnapshotsAttempted === 0 &&
    !isElsewhere &&
    spec?.snapshotVolumes !== false
  );
}

/** A backup of namespaces that had no claim then holds none rightly. */
function shouldHoldSome(backup: Backup, claims: Around['claims']): boolean {
  if (claims === undefined) return true;
  return claims.some(
    ({ metadata }) =>
      covers(backup, metadata.namespace ?? '') && Date.parse(metadata.creationTimestamp ?? '') <= startOf(backup),
  );
}

function hasFailed({ status }: Backup): boolean {
  return ['PartiallyFailed', 'Failed', 'FailedValidation'].includes(status?.phase ?? '');
}

function byCause(empty: readonly Backup[], around: Around): Finding[] {
  const causes = new Map<string, { cause: Cause; names: string[] }>();
  for (const backup of empty) {
    const cause = causeOf(backup, around);
    const same = causes.get(cause.problem) ?? { cause, names: [] };
    same.names.push(backup.metadata.name);
    causes.set(cause.problem, same);
  }
  return [...causes.values()].map(({ cause: { problem, remedy }, names }) => ({
    about: names.length === 1 ? `backup ${names[0] ?? ''}` : count(names.length, 'backup'),
    problem: `Completed, and without any snapshot${names.length === 1 ? '' : ` (${few(names)})`}: ${problem}`,
    remedy,
  }));
}

interface Cause {
  problem: string;
  remedy: string;
}

/** The likely one: a backup doesn't say it itself. */
function causeOf({ spec }: Backup, { isCsiEnabled, claims }: Around): Cause {
  if (isCsiEnabled === false) {
    return {
      problem: 'the server runs without --features=EnableCSI',
      remedy:
        'start it with the feature (see server above), and make a new backup: this one has no data of CSI volumes',
    };
  }
  const { includedResources = [], labelSelector, orLabelSelectors = [] } = spec ?? {};
  const isWide =
    includedResources.length === 0 || includedResources.some((one) => /^(\*|pvcs?|persistentvolumeclaims?)$/.test(one));
  if (!isWide) {
    return {
      problem: `it asks for ${includedResources.join(', ')} alone, and for no claim`,
      remedy: 'add persistentvolumeclaims and persistentvolumes to its includedResources',
    };
  }
  if (labelSelector !== undefined || orLabelSelectors.length > 0) {
    return { problem: 'no claim may have had the labels that it selects', remedy: 'label the claims as the pods are' };
  }
  return {
    problem:
      claims === undefined
        ? 'unless there were no claims'
        : 'the server may have run without --features=EnableCSI then, or skipped the volumes',
    remedy: 'see what it says of its volumes: velero backup describe NAME --details; velero backup logs NAME',
  };
}

function failure({ metadata: { name }, status = {} }: Backup): Finding {
  const { phase = '', failureReason, validationErrors = [], errors = 0 } = status;
  const reason = failureReason ?? validationErrors.join('; ');
  const said = reason === '' ? count(errors, 'error') : reason;
  return {
    about: `backup ${name}`,
    problem: `${phase} in the last ${lately.text}: ${said}`,
    remedy: `velero backup logs ${name}`,
  };
}
