import { isClusterError } from '../errors.ts';

const tries = 10;

/**
 * Does `work` again when the server says that the object has changed since it was read. `work` must read it anew each
 * time and judge again whether it still wants the change.
 */
export async function onFreshObject<R>(work: () => Promise<R>): Promise<R> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isClusterError(error, 'Conflict') || attempt === tries) throw error;
    }
  }
}
