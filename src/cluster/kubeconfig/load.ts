/** The kubeconfig files of a command line, merged as client-go does (tools/clientcmd ClientConfigLoadingRules). */
import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { ClusterError, reasonOf } from '../../errors.ts';
import { isMissing, readKubeconfig } from './read.ts';
import type { ClusterEntry, Kubeconfig, UserEntry } from './shape.ts';
import { emptyKubeconfig } from './shape.ts';

/**
 * Reads --kubeconfig, else the list in KUBECONFIG, else ~/.kube/config. Of entries with the same name, the first wins;
 * files of a list that don't exist are skipped. Paths in a file are relative to its folder.
 * @throws ClusterError when a file can't be read, or isn't a kubeconfig
 */
export function loadKubeconfig(flag: string | undefined): Kubeconfig {
  const paths = flag === undefined || flag === '' ? defaultPaths() : [existing(flag)];
  const merged = emptyKubeconfig();
  const problems: string[] = [];
  for (const path of paths) {
    try {
      const file = readKubeconfig(path);
      if (file !== undefined) addMissing(merged, file, path);
    } catch (error) {
      problems.push(reasonOf(error));
    }
  }
  if (problems.length === 0) return merged;
  // kubectl leaves `error:` out when there are several.
  throw new ClusterError(problems.length === 1 ? `error: ${problems.join()}` : problems.join('\n'), 0, '');
}

function defaultPaths(): string[] {
  const list = process.env.KUBECONFIG ?? '';
  if (list === '') return [join(homedir(), '.kube', 'config')];
  return [...new Set(list.split(delimiter))].filter((path) => path !== '');
}

function existing(path: string): string {
  try {
    statSync(path);
  } catch (error) {
    if (isMissing(error)) throw new ClusterError(`error: stat ${path}: no such file or directory`, 0, '');
  }
  return path;
}

function addMissing(merged: Kubeconfig, file: Kubeconfig, path: string): void {
  const folder = resolve(dirname(path));
  if (merged.currentContext === '') merged.currentContext = file.currentContext;
  for (const [name, cluster] of file.clusters) {
    if (!merged.clusters.has(name)) merged.clusters.set(name, clusterWithin(folder, cluster));
  }
  for (const [name, context] of file.contexts) {
    if (!merged.contexts.has(name)) merged.contexts.set(name, context);
  }
  for (const [name, user] of file.users) {
    if (merged.users.has(name)) continue;
    merged.users.set(name, userWithin(folder, user));
    merged.userFiles.set(name, path);
  }
}

function clusterWithin(folder: string, cluster: ClusterEntry): ClusterEntry {
  return { ...cluster, ...absolute(folder, cluster, ['certificate-authority']) };
}

function userWithin(folder: string, user: UserEntry): UserEntry {
  const { exec } = user;
  const paths = absolute(folder, user, ['client-certificate', 'client-key', 'tokenFile']);
  // A command without a separator is looked up in PATH.
  const isPath = exec?.command?.includes(sep) === true;
  return { ...user, ...paths, ...(isPath && { exec: { ...exec, ...absolute(folder, exec, ['command']) } }) };
}

function absolute<K extends string>(
  folder: string,
  entry: Partial<Record<K, string>>,
  names: K[],
): Partial<Record<K, string>> {
  const result: Partial<Record<K, string>> = {};
  for (const name of names) {
    const path = entry[name];
    if (path !== undefined) result[name] = isAbsolute(path) ? path : join(folder, path);
  }
  return result;
}
