/** `-f`: objects that are named in files. Only their type, namespace and name count; what is printed comes from the server. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { text as textOfStream } from 'node:stream/consumers';
import type { Cluster } from '../../cluster/cluster.ts';
import type { Resource } from '../../cluster/resources.ts';
import { apiVersionOf } from '../../cluster/resources.ts';
import { servedAs } from '../../cluster/served.ts';
import { FailedError, reasonOf, UsageError } from '../../errors.ts';
import { jsonLine } from '../../terminal/json.ts';
import { documentsIn } from '../../terminal/yaml-documents.ts';
import type { Wanted } from './fetch-each.ts';
import type { GetOptions } from './options.ts';
import { types } from './types.ts';
import type { Asked } from './words.ts';

const extensions = /\.(json|ya?ml)$/;

/** @throws FailedError for what can't be read, UsageError for what isn't ours */
export async function namedInFiles(
  cluster: Cluster,
  { files: paths, conflict }: Asked & { how: 'files' },
  options: GetOptions,
): Promise<{ wanted: Wanted[]; isSingle: boolean }> {
  if (options.labelSelector !== undefined)
    throw new UsageError('-l does not go with -f here: name the objects, or list them');
  const files = (await Promise.all(paths.map(filesOf))).flat();
  if (conflict !== undefined) throw new FailedError(conflict);
  const objects = (await Promise.all(files.map(objectsIn))).flat();
  const wanted = await Promise.all(objects.map((object) => wantedOf(cluster, object, options)));
  const [only] = paths;
  return { wanted, isSingle: paths.length === 1 && only !== '-' && files.length === 1 };
}

/** A folder stands for the manifests in it. */
async function filesOf(path: string): Promise<string[]> {
  if (path === '-') return [path];
  if (/^https?:\/\//.test(path))
    throw new UsageError(`-f ${path}: addresses are not fetched here: curl it into a file`);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new FailedError(`the path "${path}" does not exist`);
  if (!found.isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => extensions.test(name)).sort();
  if (names.length > 0) return names.map((name) => join(path, name));
  throw new FailedError(`error reading [${path}]: recognized file extensions are [.json .yaml .yml]`);
}

interface Manifest {
  source: string;
  apiVersion: string;
  kind: string;
  name: string;
  namespace: string | undefined;
}

async function objectsIn(source: string): Promise<Manifest[]> {
  const text = source === '-' ? await textOfStream(process.stdin) : await readFile(source, 'utf8');
  try {
    const documents = await documentsIn(text);
    return documents.flatMap((document) => manifestsOf(document, source));
  } catch (error) {
    throw error instanceof FailedError ? error : new FailedError(`error parsing ${source}: ${reasonOf(error)}`);
  }
}

/** A List stands for its items. */
function manifestsOf(document: unknown, source: string): Manifest[] {
  const { kind, apiVersion, metadata, items } = document as {
    kind?: string;
    apiVersion?: string;
    metadata?: { name?: string; namespace?: string };
    items?: unknown[];
  };
  if (typeof kind !== 'string' || kind === '') {
    throw new FailedError(`unable to decode "${source}": Object 'Kind' is missing in '${jsonLine(document)}'`);
  }
  if (Array.isArray(items)) return items.flatMap((item) => manifestsOf(item, source));
  const { name = '', namespace } = metadata ?? {};
  return [{ source, apiVersion: apiVersion ?? '', kind, name, namespace }];
}

async function wantedOf(cluster: Cluster, manifest: Manifest, options: GetOptions): Promise<Wanted> {
  const { source, name } = manifest;
  const resource = await resourceOf(cluster, manifest);
  const namespace = resource.namespaced ? (manifest.namespace ?? options.namespace) : undefined;
  if (name === '') throw new UsageError(`${source}: an object without a name is on no server`);
  const refusal = options.isNamespaceGiven && resource.namespaced ? mismatch(namespace, options.namespace) : undefined;
  return { resource, word: resource.plural, name, namespace, refusal };
}

function mismatch(theirs: string | undefined, wanted: string): Error | undefined {
  if (theirs === undefined || theirs === wanted) return undefined;
  return new FailedError(
    `the namespace from the provided object "${theirs}" does not match the namespace "${wanted}". You must pass '--namespace=${theirs}' to perform this operation.`,
  );
}

async function resourceOf(
  cluster: Cluster,
  { source, apiVersion, kind, name, namespace }: Manifest,
): Promise<Resource> {
  const [group = '', version = ''] = apiVersion.split('/');
  const known = types.find((type) => type.kind === kind && type.group === group);
  if (known === undefined) throw new UsageError(`${source}: ${kind} "${name}" is no snapshot: use kubectl get -f`);
  const found = apiVersionOf(known) === apiVersion ? known : await servedAs(cluster, known, version);
  if (found !== undefined) return found;
  throw new FailedError(
    `resource mapping not found for name: "${name}" namespace: "${namespace ?? ''}" from "${source}": no matches for kind "${kind}" in version "${apiVersion}"\nensure CRDs are installed first`,
  );
}
