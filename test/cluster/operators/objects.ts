/** Reading objects as controllers do. */
import { ApiError, type Api, type KubeObject } from '../api.ts';

/** @param kind as kinds.ts has it */
export async function listOf<T extends object = KubeObject>(api: Api, kind: string, namespace?: string): Promise<T[]> {
  // The path of an object without a name is that of their list.
  const { items } = await api.get<{ items: T[] }>(kind, '', namespace);
  return items;
}

/** Creates what is not there yet. @returns whether it was missing */
export async function ensure(api: Api, object: KubeObject, namespace?: string): Promise<boolean> {
  try {
    await api.create(object, namespace);
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 409) return false;
    throw error;
  }
}

/** As `ownerReferences` names an object. */
export function ownerOf(
  { apiVersion, kind, metadata }: KubeObject,
  flags: { controller: boolean; block: boolean },
): object {
  const { name, uid } = metadata;
  return { apiVersion, kind, name, uid, controller: flags.controller, blockOwnerDeletion: flags.block };
}

export function hasEnded({ status }: { status?: { phase?: string } }): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}
