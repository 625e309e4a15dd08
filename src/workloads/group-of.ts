import type { KubeObject } from '../cluster/objects.ts';

/** The API group of an object or of what refers to one; empty for the core group. */
export function groupOf({ apiVersion }: Pick<KubeObject, 'apiVersion'>): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}
