/** What keeps an object as it is in git, and how to make it stop for a while. */
import type { KubeObject } from '../cluster/objects.ts';
import type { Resource } from '../cluster/resources.ts';
import type { Finding } from '../errors.ts';
import type { FieldChange } from './owner.ts';

export interface Keeper {
  object: KubeObject;
  resource: Resource;
  changes: FieldChange[];
  /** What does the same by hand. Made of names that the API server has accepted as names. */
  command: string;
  note: string;
}

export interface Kept {
  keepers: Keeper[];
  /** Keepers that are known of and can't be read. */
  findings: Finding[];
  notes: string[];
}

/** Finds who keeps one object. Whoever made it remembers what it has read already. */
export type KeeperFinder = (object: KubeObject) => Promise<Kept>;

/** Such as `application/shop in namespace argocd`. */
export function placeOf({ kind, metadata }: Pick<KubeObject, 'kind' | 'metadata'>): string {
  const where = metadata.namespace === undefined ? '' : ` in namespace ${metadata.namespace}`;
  return `${kind.toLowerCase()}/${metadata.name}${where}`;
}

/**
 * Whether untrusted text is a name as objects have them (RFC 1123 subdomain): it may be asked for, and stand in a
 * command that a person copies.
 */
export function isName(text: string | undefined): text is string {
  return text !== undefined && text.length <= 253 && /^[a-z0-9](?:[-.a-z0-9]*[a-z0-9])?$/.test(text);
}
