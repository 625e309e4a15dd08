/** Whether the words after a verb ask for sets or operations. */
import { UsageError } from '../../errors.ts';
import type { GetFlags } from './options.ts';
import { ownTypes } from './own-types.ts';
import { requireOurs } from './types.ts';
import type { Asked } from './words.ts';

export type OwnName = keyof typeof ownTypes;

/** Sets and operations by their names; a set's holds a slash where others took it. */
export interface OwnNames {
  type: OwnName;
  names: string[];
}

/** undefined where the words ask for anything else. */
export function ownNamed(words: readonly string[]): OwnNames | undefined {
  const [first = '', ...others] = words;
  const types = new Set(words.map((word) => (word.includes('/') ? ownNameOf(prefixOf(word)) : undefined)));
  const [whole] = types;
  const isWhole = types.size === 1 && whole !== undefined;
  const type = isWhole ? whole : ownNameOf(first);
  const names = isWhole ? words.map((word) => word.slice(word.indexOf('/') + 1)) : others;
  if (type === undefined || names.length === 0 || names.includes('')) return undefined;
  return !isWhole && names.some((name) => ownNameOf(prefixOf(name)) !== undefined) ? undefined : { type, names };
}

/** The same as `get` takes it, where no flag says otherwise. */
export function askedByName(
  words: readonly string[],
  { labelSelector, fieldSelector, files }: GetFlags,
): Asked | undefined {
  if (labelSelector !== undefined || fieldSelector !== undefined || files.length > 0) return undefined;
  const named = ownNamed(words);
  return named && { how: 'names', items: named.names.map((name) => ({ type: named.type, name })) };
}

/** The one own type that is asked for. @throws UsageError for types that `get` doesn't know, or several */
export function ownTypeOf(asked: Asked): OwnName | undefined {
  if (asked.how === 'files') return undefined;
  const words = asked.how === 'lists' ? asked.types : asked.items.map(({ type }) => type);
  const own = new Set(words.map(ownNameOf));
  for (const word of words) if (ownNameOf(word) === undefined) requireOurs(word);
  const [first] = [...own].filter((name) => name !== undefined);
  if (first !== undefined && own.size > 1) throw new UsageError(`get ${first} takes no other type beside it`);
  return first;
}

function prefixOf(word: string): string {
  return word.slice(0, Math.max(0, word.indexOf('/')));
}

export function ownNameOf(word: string): OwnName | undefined {
  const wanted = word.toLowerCase();
  const names = Object.keys(ownTypes) as OwnName[];
  return names.find((name) => {
    const { plural, singular, shortNames } = ownTypes[name].resource;
    return [plural, singular, ...shortNames].includes(wanted);
  });
}
