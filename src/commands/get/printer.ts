import type { JsonObject } from '../../cluster/json.ts';
import type { Found } from './fetch.ts';

/**
 * Prints objects one after the other, or a List of them whose items come page by page. What throws does so in kubectl's
 * words, and what came before it is printed all the same.
 */
export interface ObjectPrinter {
  /** Its text is for a TabWriter. */
  isLaidOut: boolean;
  /** What stands before the first of a kind of thing. */
  start(kind: 'object' | 'event' | 'list'): string;
  one(object: Found): Iterable<string>;
  /** A change in a watch. */
  event(type: string, object: Found): Iterable<string>;
  listItems(items: readonly Found[]): Iterable<string>;
  listEnd(): string;
  /** The List must be whole before anything of it is printed: its items never come page by page. */
  list?(items: readonly JsonObject[]): string;
}

/** Of a page; an object is its own item. */
export function itemsIn(document: JsonObject): JsonObject[] {
  return Array.isArray(document.items) ? (document.items as JsonObject[]) : [document];
}
