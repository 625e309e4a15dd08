/** Writes new tokens into the kubeconfig that the old ones came from, under kubectl's own lock file. */
import { open, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dump } from 'js-yaml';
import { reasonOf } from '../../errors.ts';
import { parseYaml } from '../kubeconfig/yaml.ts';
import type { Tokens } from './oidc-refresh.ts';

export interface Origin {
  /** The kubeconfig's path. */
  file: string;
  /** The user's name in it. */
  name: string;
}

interface UserList {
  users?: { name?: string; user?: { 'auth-provider'?: { config?: Record<string, string> } } }[];
}

/** @throws Error when it can't be written: a provider that gives a refresh token once would lock the user out */
export async function saveTokens({ file, name }: Origin, tokens: Tokens): Promise<void> {
  try {
    const path = await realpath(file);
    const lock = `${path}.lock`;
    await (await open(lock, 'wx', 0)).close();
    try {
      await replace(path, name, tokens);
    } finally {
      await rm(lock, { force: true });
    }
  } catch (error) {
    throw new Error(`could not persist new tokens: ${reasonOf(error)}`, { cause: error });
  }
}

/** Everything else in the file stays, but for comments: kubectl doesn't keep them either. */
async function replace(path: string, name: string, tokens: Tokens): Promise<void> {
  const config = (parseYaml(await readFile(path, 'utf8')) ?? {}) as UserList;
  const provider = config.users?.find((user) => user.name === name)?.user?.['auth-provider'];
  if (provider === undefined) return;
  provider.config = { ...provider.config, ...tokens };
  const { mode } = await stat(path);
  const unfinished = `${path}.${process.pid}.new`;
  // Another reader sees the old file or the new one, never half of one.
  await writeFile(unfinished, dump(config), { mode: mode & 0o777 });
  await rename(unfinished, path);
}
