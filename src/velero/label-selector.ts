/** What -l takes, as the LabelSelector of an object: Velero's backups have one. */
import { UsageError } from '../errors.ts';

export interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'; values?: string[] }[];
}

/**
 * The grammar of k8s.io/apimachinery/pkg/labels: `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a`, `!a`.
 * @throws UsageError for what is none of these
 */
export function parseLabelSelector(text: string): LabelSelector {
  // What is empty would select everything.
  const parts = text.split(/,(?![^(]*\))/);
  const expressions = parts.map((part) => expressionOf(part.trim(), text));
  return { matchExpressions: expressions };
}

const key = '[A-Za-z0-9][-A-Za-z0-9_./]*';
const value = '[-A-Za-z0-9_.]*';

function expressionOf(part: string, whole: string): NonNullable<LabelSelector['matchExpressions']>[number] {
  const [, name = '', sign, single = ''] = new RegExp(`^(${key})\\s*(==?|!=)\\s*(${value})$`).exec(part) ?? [];
  if (sign !== undefined) return { key: name, operator: sign === '!=' ? 'NotIn' : 'In', values: [single] };
  const [, of = '', word, list = ''] = new RegExp(`^(${key})\\s+(in|notin)\\s*\\(([^)]*)\\)$`).exec(part) ?? [];
  if (word !== undefined) {
    return { key: of, operator: word === 'in' ? 'In' : 'NotIn', values: list.split(',').map((one) => one.trim()) };
  }
  const [, not, bare] = new RegExp(`^(!?)\\s*(${key})$`).exec(part) ?? [];
  if (bare !== undefined) return { key: bare, operator: not === '!' ? 'DoesNotExist' : 'Exists' };
  throw new UsageError(`-l "${whole}": expected labels such as app=kafka, or app in (a,b)`);
}
