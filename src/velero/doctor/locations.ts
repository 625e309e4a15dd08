/** Whether Velero reaches the stores that it keeps backups in. */
import type { Deployment } from '../../cluster/objects.ts';
import { parseDuration } from '../../cluster/config.ts';
import type { StorageLocation } from '../resources.ts';
import type { Seen } from './check.ts';
import { serverFlag } from '../server-flags.ts';

/** A server looks once a minute by default; one that is busy with a backup still does. */
const leastPatienceMs = 10 * 60_000;

interface Surroundings {
  namespace: string;
  /** Where it can't be read, its default counts. */
  deployment: Deployment | undefined;
  nowMs: number;
  /** How long ago, as people read it. */
  ago: (ms: number) => string;
}

export function checkLocations(locations: readonly StorageLocation[], surroundings: Surroundings): Seen {
  if (locations.length === 0) {
    const { namespace } = surroundings;
    const problem = 'has no BackupStorageLocation: Velero has nowhere to keep a backup';
    const remedy = `make one: velero backup-location create -n ${namespace}`;
    return { seen: [], findings: [{ about: `namespace ${namespace}`, problem, remedy }] };
  }
  const each = locations.map((location) => checkLocation(location, surroundings));
  return { seen: each.flatMap(({ seen }) => seen), findings: each.flatMap(({ findings }) => findings) };
}

function checkLocation({ metadata, spec = {}, status = {} }: StorageLocation, around: Surroundings): Seen {
  const { phase = 'not looked at yet', message = '', lastValidationTime } = status;
  const about = `store ${metadata.name}`;
  const isReadOnly = spec.accessMode === 'ReadOnly';
  const atMs = Date.parse(lastValidationTime ?? '');
  const last = Number.isNaN(atMs) ? 'never' : `${around.ago(around.nowMs - atMs)} ago`;
  const seen = [
    `${about}: ${phase}, last looked at ${last}${isReadOnly ? ', read-only: nothing is backed up there' : ''}`,
  ];
  const findings: Seen['findings'] = [];
  const logs = `kubectl logs -n ${around.namespace} deployment/velero`;
  if (phase !== 'Available') {
    const problem = `is ${phase}: Velero can neither write nor read its backups${message === '' ? '' : `: ${message}`}`;
    findings.push({
      about,
      problem,
      remedy: `check its address, bucket and credentials: kubectl describe -n ${around.namespace} backupstoragelocation/${metadata.name}; ${logs}`,
    });
  } else if (isStale(spec, atMs, around)) {
    findings.push({ about, problem: `was last looked at ${last}: the server is stuck or doesn't run`, remedy: logs });
  }
  if (isReadOnly && spec.default === true) {
    const problem = 'is the default, and read-only: backups that name no other store fail';
    findings.push({ about, problem, remedy: 'set spec.accessMode to ReadWrite, or make another one the default' });
  }
  return { seen, findings };
}

/** Three turns missed, and ten minutes at least. A frequency of 0 means that nobody looks. */
function isStale(spec: NonNullable<StorageLocation['spec']>, atMs: number, around: Surroundings): boolean {
  const { deployment, nowMs } = around;
  const asked =
    spec.validationFrequency ?? (deployment && serverFlag(deployment, 'store-validation-frequency')) ?? '1m';
  const everyMs = parseDuration(asked);
  if (everyMs === undefined || everyMs === 0) return false;
  return Number.isNaN(atMs) || nowMs - atMs > Math.max(leastPatienceMs, 3 * everyMs);
}
