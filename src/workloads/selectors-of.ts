/** The label selectors of workloads: what can't name a workload selects its pods and claims by them. */
import type { Cluster } from '../cluster/cluster.ts';
import { RefusedError } from '../errors.ts';
import { displayName, resourceOf } from './kinds.ts';
import type { Target } from './targets.ts';

interface Selecting {
  spec?: { selector?: { matchLabels?: Record<string, string>; matchExpressions?: object[] } | Record<string, string> };
}

/** @throws RefusedError for claims, and for workloads without a selector of their own */
export async function selectorsOf(cluster: Cluster, namespace: string, targets: readonly Target[]): Promise<object[]> {
  return Promise.all(
    targets.map(async (target) => {
      if (target.type === 'claim') {
        throw new RefusedError(
          `pvc/${target.name}: Velero can't be told a claim by its name; use its labels: -l SELECTOR`,
        );
      }
      const object = await cluster.get(resourceOf(target.kind), target.name, namespace);
      const { selector } = (object as Selecting).spec ?? {};
      if (selector !== undefined && ('matchLabels' in selector || 'matchExpressions' in selector)) return selector;
      throw new RefusedError(`${displayName(target)}: has no label selector that Velero could use; use -l SELECTOR`);
    }),
  );
}
