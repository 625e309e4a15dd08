import type { Deployment } from '../cluster/objects.ts';

type LabelSelector = NonNullable<Deployment['spec']>['selector'];
type Labels = Readonly<Record<string, string>>;
type Requirement = NonNullable<LabelSelector['matchExpressions']>[number];

/**
 * Whether labels fulfil a LabelSelector (k8s.io/apimachinery/pkg/apis/meta/v1, LabelSelectorAsSelector).
 * An empty one matches everything; NotIn also matches what lacks the key.
 */
export function matchesSelector(selector: LabelSelector, labels: Labels = {}): boolean {
  const wanted = Object.entries(selector.matchLabels ?? {});
  const requirements = selector.matchExpressions ?? [];
  return wanted.every(([key, value]) => labels[key] === value) && requirements.every((one) => fulfils(one, labels));
}

function fulfils({ key, operator, values = [] }: Requirement, labels: Labels): boolean {
  const value = labels[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}
