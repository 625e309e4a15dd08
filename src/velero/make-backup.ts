/** Backups and schedules to be made, as objects. Pure. */
import type { Backup, BackupSpec, Schedule } from './resources.ts';
import { scheduleLabel } from './resources.ts';
import type { LabelSelector } from './label-selector.ts';

export interface BackupWish {
  name: string;
  /** Velero's namespace. */
  home: string;
  /** Of the claims. */
  namespaces: string[];
  /** Objects that one of them selects; none: all. */
  selectors: LabelSelector[];
  /** A duration of Go. */
  ttl?: string | undefined;
  storageLocation?: string | undefined;
  resources: string[];
  hooks?: object | undefined;
}

export function backupOf(wish: BackupWish): Backup {
  return {
    apiVersion: 'velero.io/v1',
    kind: 'Backup',
    metadata: { name: wish.name, namespace: wish.home },
    spec: specOf(wish),
  };
}

/** @param schedule five fields, or a word such as @daily */
export function scheduleOf(wish: BackupWish, schedule: string): Schedule {
  return {
    apiVersion: 'velero.io/v1',
    kind: 'Schedule',
    metadata: { name: wish.name, namespace: wish.home },
    spec: { schedule, template: specOf(wish) },
  };
}

/**
 * As its schedule would make it now: `<schedule>-YYYYMMDDhhmmss`, with its template, and the template's labels or its own
 * (Velero's own `backup create --from-schedule` does the same).
 */
export function backupOfSchedule({ metadata, spec }: Schedule, now: Date): Backup {
  const time = now.toISOString().replaceAll(/[-:T]/g, '').slice(0, 14);
  const { [lastApplied]: _, ...annotations } = metadata.annotations ?? {};
  return {
    apiVersion: 'velero.io/v1',
    kind: 'Backup',
    metadata: {
      name: `${metadata.name}-${time}`,
      namespace: metadata.namespace ?? '',
      labels: { ...(spec.template.metadata?.labels ?? metadata.labels), [scheduleLabel]: metadata.name },
      ...(Object.keys(annotations).length > 0 && { annotations }),
    },
    spec: spec.template,
  };
}

/** Of the schedule's own manifest: kubectl apply would take the backup for the schedule. */
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** Velero takes one selector, or several of which one must match, and not both. */
function specOf({ namespaces, selectors, ttl, storageLocation, resources, hooks }: BackupWish): BackupSpec {
  const [only, ...others] = selectors;
  return {
    includedNamespaces: namespaces,
    ...(only !== undefined && (others.length === 0 ? { labelSelector: only } : { orLabelSelectors: selectors })),
    ...(resources.length > 0 && { includedResources: resources }),
    ...(ttl !== undefined && { ttl }),
    ...(storageLocation !== undefined && { storageLocation }),
    ...(hooks !== undefined && { hooks }),
  };
}
