/** What the steps of one run share. */
import type { Cluster, Scope } from '../../cluster/cluster.ts';
import type { KubeObject, Volume } from '../../cluster/objects.ts';
import type { Resource } from '../../cluster/resources.ts';
import { volumes } from '../../cluster/resources.ts';
import type { Watch } from '../../cluster/watch.ts';
import { openWatch } from '../../cluster/watch.ts';
import type { WorkloadKind } from '../../workloads/kinds.ts';
import { isWorkloadKind, resourceOf } from '../../workloads/kinds.ts';
import type { WorkloadWatches } from '../../workloads/watches.ts';
import { operationMark } from '../marks.ts';
import type { Plan, StepName } from '../plan.ts';

/** Something that a person may want to see. Texts may come from the cluster: untrusted. */
export interface Progress {
  step: StepName;
  done: number;
  total: number;
  /** What it waits for or what went wrong last, such as a pod's or the driver's own words. */
  detail?: string;
}

export interface RunContext<P extends Plan = Plan> {
  cluster: Cluster;
  plan: P;
  report: (progress: Progress) => void;
  /** What stays stopped at the end, a line each, to be said then. */
  left: string[];
  /** One watch per kind for the whole run, opened when it is first needed. */
  watchOf: <T extends KubeObject>(resource: Resource<T>, selector?: Scope) => Promise<Watch<T>>;
}

/** All volumes of the operation, found by its label. */
export function watchVolumes({ watchOf, plan }: RunContext): Promise<Watch<Volume>> {
  return watchOf(volumes, { labelSelector: `${operationMark}=${plan.operation}` });
}

/** Watches of the kinds that the plan stops; of no other, so that no other right is needed. */
export async function workloadWatches({ plan, watchOf }: RunContext): Promise<WorkloadWatches> {
  const kinds = new Set(plan.workloads.map(({ kind }) => kind).filter(isWatched));
  const opened = [...kinds].map(async (kind) => [kind, await watchOf(resourceOf(kind))] as const);
  return Object.fromEntries(await Promise.all(opened));
}

/** Pods are watched anyway, and of a custom resource its pods tell. */
function isWatched(kind: string): kind is WorkloadKind {
  return isWorkloadKind(kind) && kind !== 'pod';
}

/** Runs `work` with a context, and closes its watches at the end. */
export async function withContext<R>(
  cluster: Cluster,
  plan: Plan,
  report: (progress: Progress) => void,
  work: (context: RunContext) => Promise<R>,
): Promise<R> {
  const opened = new Map<string, Promise<Watch<KubeObject>>>();
  const watchOf = <T extends KubeObject>(resource: Resource<T>, selector: Scope = {}): Promise<Watch<T>> => {
    const scope = resource.namespaced ? { namespace: plan.namespace, ...selector } : selector;
    const key = JSON.stringify([resource.group, resource.plural, scope]);
    const existing = opened.get(key) ?? openWatch<KubeObject>(cluster, resource, scope);
    opened.set(key, existing);
    return existing as Promise<Watch<T>>;
  };
  try {
    return await work({ cluster, plan, report, watchOf, left: [] });
  } finally {
    for (const watch of await Promise.allSettled(opened.values())) {
      if (watch.status === 'fulfilled') watch.value.close();
    }
  }
}
