/** Reads the trace that the program writes with `-v=6`. */

/** By `VERB RESOURCE`, in RBAC's words: `patch statefulsets/scale`, `create volumesnapshots (dry run)`. */
export type Counts = ReadonlyMap<string, number>;

/** @throws Error when there is no trace in the text: the program has changed what it writes */
export function countRequests(stderr: string): Counts {
  const counts = new Map<string, number>();
  for (const [, method = '', url = ''] of stderr.matchAll(/^([A-Z]+) (https:\S+) \d+ in \d+ ms$/gm)) {
    const kind = kindOf(method, new URL(url));
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  if (counts.size === 0) throw new Error('no request is in the trace of -v=6');
  return counts;
}

/** Paths as in https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris */
function kindOf(method: string, { pathname, searchParams }: URL): string {
  const resourcePath = /^\/api(?:\/v1|s\/[^/]+\/[^/]+)\/(?:namespaces\/[^/]+\/)?([^/]+)(?:\/([^/]+))?(?:\/(.+))?$/;
  const [, resource, name, subresource] = resourcePath.exec(pathname) ?? [];
  if (resource === undefined) return `${method.toLowerCase()} ${pathname}`;
  const full = subresource === undefined ? resource : `${resource}/${subresource}`;
  const verb = verbOf(method, name !== undefined, searchParams.get('watch') === 'true');
  return `${verb} ${full}${searchParams.has('dryRun') ? ' (dry run)' : ''}`;
}

function verbOf(method: string, isNamed: boolean, isWatch: boolean): string {
  if (method === 'GET') return isWatch ? 'watch' : isNamed ? 'get' : 'list';
  if (method === 'DELETE' && !isNamed) return 'deletecollection';
  return { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }[method] ?? method.toLowerCase();
}
