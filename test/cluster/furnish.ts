/** Puts what a user of the cluster finds there into one whose API server has just started. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { ApiError, type Api, type KubeObject } from './api.ts';
import { retry } from './retry.ts';

const MANIFESTS = join(import.meta.dirname, 'manifests');
const DEFAULT_ACCOUNT = { kind: 'ServiceAccount', namespace: 'default', fields: { 'metadata.name': 'default' } };

/**
 * Defines the snapshot API, as soon as the API server takes it: then, for two seconds, the server sleeps before it makes
 * a first object of the new kinds, so that other servers learn of them (apiextensions-apiserver, justCreated).
 * @param programs the folder with the definitions
 * @throws the signal's reason when it aborts
 */
export async function defineSnapshots(api: Api, programs: string, signal: AbortSignal): Promise<void> {
  const definitions = (await readdir(programs)).filter((name) => name.endsWith('.yaml'));
  // Connections are refused, and then requests, while the API server gets ready for its first.
  const isEarly = (error: unknown): boolean =>
    !(error instanceof ApiError) || [401, 403, 404, 500, 503].includes(error.status);
  await Promise.all(
    definitions.map(async (name) => {
      for (const object of await readObjects(join(programs, name)))
        await retry(() => api.create(object), isEarly, signal);
    }),
  );
}

/** What the controllers need before they start: one that is refused at first waits for seconds before it asks again. */
export async function grantRights(api: Api): Promise<void> {
  const rights = await readObjects(join(MANIFESTS, 'rights.yaml'));
  await Promise.all(rights.map((object) => api.create(object)));
}

/**
 * Creates nodes and storage. Returns once they exist and pods are taken.
 * @throws the signal's reason when it aborts
 */
export async function furnish(api: Api, signal: AbortSignal): Promise<void> {
  const nodes = await readObjects(join(MANIFESTS, 'nodes.yaml'));
  const storage = await readObjects(join(MANIFESTS, 'storage.yaml'));
  await Promise.all([
    ...[...nodes, ...storage].map((object) => createOnceServed(api, object, signal)),
    ...nodes.filter(({ kind }) => kind === 'Node').map(({ metadata }) => nodeTakesPods(api, metadata.name, signal)),
    // Pods are refused until it is there.
    api.watchUntil(DEFAULT_ACCOUNT, () => true, signal),
  ]);
}

async function readObjects(path: string): Promise<KubeObject[]> {
  return parseAllDocuments(await readFile(path, 'utf8')).map((document) => document.toJS() as KubeObject);
}

/** A kind that was just defined is served a moment after its definition says Established, so only a try can tell. */
async function createOnceServed(api: Api, object: KubeObject, signal: AbortSignal): Promise<void> {
  const isNotServedYet = (error: unknown): boolean => error instanceof ApiError && error.status === 404;
  await retry(() => api.create(object), isNotServedYet, signal);
}

interface Node {
  spec: { taints?: unknown[] };
}

/** The API server taints a new node; the node controller takes the taint away when kwok has made the node ready. */
async function nodeTakesPods(api: Api, name: string, signal: AbortSignal): Promise<void> {
  const isUntainted = ({ spec }: Node): boolean => (spec.taints ?? []).length === 0;
  await api.watchUntil({ kind: 'Node', fields: { 'metadata.name': name } }, isUntainted, signal);
}
