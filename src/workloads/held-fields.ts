/** The fields that are changed on an owner to hold it: a note on one that names another was not written by this program. */
import { operatorEntries } from './operator-entries.ts';

const fields: ReadonlySet<string> = new Set(
  [
    // Operators; CronJobs and Flux; HorizontalPodAutoscalers; Argo CD; KEDA.
    ['spec', 'replicas'],
    ['spec', 'suspend'],
    ['spec', 'minReplicas'],
    ['spec', 'syncPolicy', 'automated'],
    ['spec', 'syncPolicy', 'applicationsSync'],
    ['metadata', 'annotations', 'autoscaling.keda.sh/paused'],
    ['metadata', 'annotations', 'autoscaling.keda.sh/paused-replicas'],
    ...operatorEntries.flatMap(({ changes }) => changes.map(({ path }) => path)),
  ].map((path) => JSON.stringify(path)),
);

export function isHeldField(path: readonly unknown[]): boolean {
  return fields.has(JSON.stringify(path));
}
