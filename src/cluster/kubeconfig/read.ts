/** One kubeconfig file: read, parsed and checked. */
import { readFileSync } from 'node:fs';
import { reasonOf } from '../../errors.ts';
import { decodeStruct, isObject, jsonTypeOf } from './decode.ts';
import { kubeconfigStruct } from './fields.ts';
import { fileProblem } from './files.ts';
import type { ClusterEntry, ContextEntry, Kubeconfig, UserEntry } from './shape.ts';
import { emptyKubeconfig } from './shape.ts';
import { parseYaml } from './yaml.ts';

/**
 * Returns undefined when there is no such file.
 * @throws Error with kubectl's words when it can't be read or isn't a kubeconfig
 */
export function readKubeconfig(path: string): Kubeconfig | undefined {
  try {
    return parseKubeconfig(readFileSync(path, 'utf8'));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new Error(`error loading config file "${path}": ${fileProblem(error, path) ?? reasonOf(error)}`, {
      cause: error,
    });
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

interface ConfigFile {
  'current-context'?: string;
  clusters?: { name?: string; cluster?: ClusterEntry }[];
  users?: { name?: string; user?: UserEntry }[];
  contexts?: { name?: string; context?: ContextEntry }[];
}

function parseKubeconfig(text: string): Kubeconfig {
  const document = parseYaml(text);
  if (document === undefined || document === null) return emptyKubeconfig();
  const file = decodeStruct(kubeconfigStruct, checkKind(document)) as ConfigFile;
  return {
    ...emptyKubeconfig(),
    currentContext: file['current-context'] ?? '',
    clusters: byName(file.clusters, 'Cluster', (item) => item.cluster ?? {}),
    users: byName(file.users, 'AuthInfo', (item) => item.user ?? {}),
    contexts: byName(file.contexts, 'Context', (item) => item.context ?? {}),
  };
}

/** Go's words for the type that client-go reads a file's apiVersion and kind into. */
const goVersionKind = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`;

function checkKind(document: unknown): object {
  const refuse = (value: unknown, target: string): never => {
    throw new Error(
      `couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonTypeOf(value)} into Go ${target}`,
    );
  };
  if (!isObject(document)) return refuse(document, `value of type ${goVersionKind}`);
  const { apiVersion, kind } = document as { apiVersion?: unknown; kind?: unknown };
  const textOf = (name: string, value: unknown, absent: string): string => {
    if (value === undefined || value === null || value === '') return absent;
    return typeof value === 'string' ? value : refuse(value, `struct field .${name} of type string`);
  };
  const found = { version: textOf('apiVersion', apiVersion, 'v1'), kind: textOf('kind', kind, 'Config') };
  if (found.version === 'v1' && found.kind === 'Config') return document;
  throw new Error(
    `no kind "${found.kind}" is registered for version "${found.version}" in scheme "pkg/runtime/scheme.go:111"`,
  );
}

/** kubectl prints the whole list after these words, tokens and keys included: we don't. */
function byName<T extends { name?: string }, E>(list: T[] | undefined, goName: string, entryOf: (item: T) => E) {
  const entries = new Map<string, E>();
  for (const item of list ?? []) {
    const name = item.name ?? '';
    if (entries.has(name)) {
      throw new Error(
        `error converting *[]Named${goName} into *map[string]*api.${goName}: duplicate name "${name}" in list`,
      );
    }
    entries.set(name, entryOf(item));
  }
  return entries;
}
