import type { Deployment } from '../cluster/objects.ts';
import { meets } from '../cluster/requirement.ts';

type LabelSelector = NonNullable<Deployment['spec']>['selector'];
type Labels = Readonly<Record<string, string>>;

/**
 * Whether labels fulfil a LabelSelector (k8s.io/apimachinery/pkg/apis/meta/v1, LabelSelectorAsSelector).
 * An empty one matches everything; NotIn also matches what lacks the key.
 */
export function matchesSelector(selector: LabelSelector, labels: Labels = {}): boolean {
  const wanted = Object.entries(selector.matchLabels ?? {});
  const requirements = selector.matchExpressions ?? [];
  return (
    wanted.every(([key, value]) => labels[key] === value) && requirements.every((one) => meets(labels[one.key], one))
  );
}
