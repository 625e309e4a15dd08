/**
 * Files that a start leaves for the next one. They hold code that will run, so none is read from a folder that anybody
 * but the user and root can write to. They are only ever a gain in time: whatever goes wrong, the program runs without.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, constants, existsSync, fstatSync, lstatSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { realpathSync, renameSync, rmSync, writeFileSync, type Stats } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

export function readKept(name: string): Uint8Array | undefined {
  try {
    const folder = realpathSync.native(keptFolder());
    return isOursAlone(folder) ? readOurs(join(folder, name)) : undefined;
  } catch {
    return undefined;
  }
}

/** Two starts may write at once, and one may be killed while it does: a file appears whole or not at all. */
export function writeKept(name: string, content: Uint8Array): void {
  try {
    makeFolder();
    const folder = realpathSync.native(keptFolder());
    if (!isOursAlone(folder)) return;
    const unfinished = join(folder, `${name}.${randomUUID()}`);
    try {
      writeFileSync(unfinished, content, { flag: 'wx', mode: 0o600 });
      renameSync(unfinished, join(folder, name));
    } catch {
      rmSync(unfinished, { force: true });
    }
  } catch {
    // No place to write to.
  }
}

/** One by one: Node's way to make all of them at once never ends below /proc. */
function makeFolder(): void {
  const folders = [keptFolder(), dirname(keptFolder()), cacheHome()];
  for (const folder of folders.reverse()) if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
}

function keptFolder(): string {
  return join(cacheHome(), 'kubectl-pvsnap', 'code');
}

function cacheHome(): string {
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = process.env;
  if (process.platform === 'win32') return local ?? join(homedir(), 'AppData', 'Local');
  if (xdg !== undefined && isAbsolute(xdg)) return xdg;
  return process.platform === 'darwin' ? join(homedir(), 'Library', 'Caches') : join(homedir(), '.cache');
}

function readOurs(path: string): Uint8Array | undefined {
  // Windows has no O_NOFOLLOW; what is undefined adds nothing.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const stats = fstatSync(descriptor);
    return stats.isFile() && isOurs(stats) ? readFileSync(descriptor) : undefined;
  } finally {
    closeSync(descriptor);
  }
}

/** Whoever may write to a folder above can put another in its place, unless the sticky bit keeps it where it is. */
function isOursAlone(folder: string): boolean {
  if (!isOurs(lstatSync(folder))) return false;
  let path = folder;
  while (dirname(path) !== path) {
    path = dirname(path);
    if (!isSafeAbove(lstatSync(path))) return false;
  }
  return true;
}

/** On Windows the folder's own rights keep others out of a user's AppData. */
function isOurs({ uid, mode }: Stats): boolean {
  return process.getuid === undefined || (uid === process.getuid() && !isWritableByOthers(mode));
}

function isSafeAbove({ uid, mode }: Stats): boolean {
  if (process.getuid === undefined) return true;
  const isSticky = (mode & 0o1000) !== 0;
  return (uid === 0 || uid === process.getuid()) && (!isWritableByOthers(mode) || isSticky);
}

function isWritableByOthers(mode: number): boolean {
  return (mode & 0o022) !== 0;
}
