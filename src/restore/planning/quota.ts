/** Room in the namespace's quotas for all claims that will be staged: the server's dry run judges each one alone. */
import { missingRights } from '../../cluster/access.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import type { ResourceQuota } from '../../cluster/objects.ts';
import { parseQuantity, readableBytes } from '../../cluster/quantity.ts';
import { resourceQuotas } from '../../cluster/resources.ts';
import type { Finding } from '../../errors.ts';

/** A claim that there will be besides those that there are. */
export interface AddedClaim {
  storageClass: string;
  sizeBytes: number;
  /** 0 for one that takes the place of another. */
  count: 0 | 1;
}

/** None for a user who may not list quotas: then the server says what it refuses when it is asked to make a claim. */
export async function quotaFindings(
  cluster: Cluster,
  namespace: string,
  added: readonly AddedClaim[],
): Promise<Finding[]> {
  const missing = await missingRights(cluster, [{ verb: 'list', resource: resourceQuotas, namespace }]);
  if (missing.length > 0) return [];
  return (await cluster.list(resourceQuotas, { namespace })).flatMap((quota) => shortOf(quota, added));
}

/** What a quota has too little of. Pure. Scopes are about pods; one with a scope doesn't count claims. */
export function shortOf({ metadata, spec, status }: ResourceQuota, added: readonly AddedClaim[]): Finding[] {
  if ((spec?.scopes ?? []).length > 0 || spec?.scopeSelector !== undefined) return [];
  return Object.entries(status?.hard ?? {}).flatMap(([resource, hard]) => {
    const needed = neededOf(resource, added);
    const [most, used] = [parseQuantity(hard) ?? 0, parseQuantity(status?.used?.[resource] ?? '0') ?? 0];
    if (needed <= 0 || used + needed <= most) return [];
    const amount = resource.endsWith('requests.storage') ? readableBytes : String;
    return [
      {
        about: `quota ${metadata.name}`,
        problem:
          `${resource}: ${amount(needed)} more are needed for all of these claims, besides what is there, ` +
          `and ${amount(Math.max(0, most - used))} are free (${amount(used)} of ${amount(most)} are used)`,
        remedy: 'ask for more, free some, or restore fewer claims at a time with --only',
      },
    ];
  });
}

/** Names of counted resources: pkg/quota/v1/evaluator/core/persistent_volume_claims.go of Kubernetes. */
function neededOf(resource: string, added: readonly AddedClaim[]): number {
  const [, storageClass] = /^(.+)\.storageclass\.storage\.k8s\.io\//.exec(resource) ?? [];
  const counted = storageClass === undefined ? added : added.filter((claim) => claim.storageClass === storageClass);
  const what = storageClass === undefined ? resource : resource.slice(resource.lastIndexOf('/') + 1);
  switch (what) {
    case 'persistentvolumeclaims':
    case 'count/persistentvolumeclaims':
      return counted.reduce((sum, { count }) => sum + count, 0);
    case 'requests.storage':
      return counted.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    default:
      return 0;
  }
}
