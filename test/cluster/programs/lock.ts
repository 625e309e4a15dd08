/** One build at a time over all processes of this machine. */
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';

const RETRY_MS = 250;

/**
 * Runs `work` while this process alone holds the lock at `path`.
 * SQLite's lock on the file is the operating system's: it ends with the process, however that ends.
 * @param onWait called once, when another process has the lock
 */
export async function withLock<T>(path: string, onWait: () => void, work: () => Promise<T>): Promise<T> {
  const file = new DatabaseSync(path);
  try {
    for (let waited = false; !tryLock(file); waited = true) {
      if (!waited) onWait();
      // Nothing tells when such a lock is free. A build takes minutes, and its holder can't hang without Go hanging.
      await delay(RETRY_MS);
    }
    return await work();
  } finally {
    file.close();
  }
}

function tryLock(file: DatabaseSync): boolean {
  try {
    file.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return false;
    throw error;
  }
}

const SQLITE_BUSY = 5;
