/** What autoscalers refer to by name. */
export interface ScaleTarget {
  /** Empty for the core group. */
  group: string;
  /** In any case, as `StatefulSet` or `statefulset`. */
  kind: string;
  name: string;
}

export interface ScaleTargetRef {
  apiVersion?: string;
  kind?: string;
  name?: string;
}

/** Versions don't matter: `apps/v1` and `apps/v1beta1` are the same workload. */
export function isTarget(reference: ScaleTargetRef | undefined, { group, kind, name }: ScaleTarget): boolean {
  const { apiVersion = '', kind: kindOf = '', name: nameOf } = reference ?? {};
  const groupOf = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return groupOf === group && kindOf.toLowerCase() === kind.toLowerCase() && nameOf === name;
}
