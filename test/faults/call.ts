/**
 * What a call to the API server is called, so that the same call of another run has the same name.
 *
 * Calls that are made in parallel arrive in any order, so a number alone names nothing. A call is known by what it asks
 * for, with the names that are new in every run replaced, and by how many of that kind came before it:
 * `PATCH persistentvolumes/(old data-db-0) #2`. "Every call" is every such name that a run without a fault has shown.
 * What time decides (a Lease that is renewed) is in some runs and not in others.
 */

export interface Call {
  /** In the order of arrival, from 1. */
  index: number;
  key: string;
  isWatch: boolean;
}

export interface Request {
  method: string;
  url: string;
  body: string;
}

/** Names of this run, and what stands for them in every run. */
export type Names = ReadonlyMap<string, string>;

/** @returns a function that names one request after the other */
export function callNamer(names: Names): (request: Request) => Call {
  const seen = new Map<string, number>();
  let index = 0;
  return ({ method, url, body }) => {
    const { pathname, searchParams } = new URL(url, 'https://server');
    const isWatch = searchParams.get('watch') === 'true';
    const verb = isWatch ? 'WATCH' : method;
    const about = `${shortPath(pathname)}${detailOf(method, pathname, body)}${queryOf(searchParams)}`;
    const name = `${verb} ${stable(about, names)}`;
    const occurrence = (seen.get(name) ?? 0) + 1;
    seen.set(name, occurrence);
    return { index: ++index, key: `${name} #${occurrence}`, isWatch };
  };
}

/** Without the group's version and the namespace, which are always the same. */
function shortPath(pathname: string): string {
  return pathname.replace(/^\/(api|apis\/[^/]+)\/v\d+\//, '').replace(/^namespaces\/[^/]+\//, '');
}

const tellingParameters = ['labelSelector', 'fieldSelector', 'dryRun'];

function queryOf(parameters: URLSearchParams): string {
  const told = tellingParameters.filter((name) => parameters.has(name));
  return told.map((name) => ` ${name}=${parameters.get(name) ?? ''}`).join('');
}

interface Body {
  metadata?: { name?: string };
  spec?: { resourceAttributes?: { verb?: string; resource?: string; subresource?: string } };
  data?: { phase?: string };
}

/** What a review asks about, what is made, and which phase a record enters. */
function detailOf(method: string, pathname: string, body: string): string {
  if (body === '') return '';
  const { metadata, spec, data } = JSON.parse(body) as Body;
  if (pathname.endsWith('accessreviews')) {
    const { verb = '', resource = '', subresource } = spec?.resourceAttributes ?? {};
    return ` ${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}`;
  }
  const made = method === 'POST' ? `/${metadata?.name ?? ''}` : '';
  return `${made}${data?.phase === undefined ? '' : ` phase=${data.phase}`}`;
}

function stable(text: string, names: Names): string {
  const known = [...names].reduce((result, [name, stands]) => result.replaceAll(name, stands), text);
  return known
    .replace(/\b(restore|undo|commit)-[a-z0-9]{5}\b/g, '$1-x')
    .replace(/-(staged|safety)-[a-z0-9]{5}\b/g, '-$1-x')
    .replace(/\b(pvc|snapcontent)-[0-9a-f-]{36}\b/g, '(new $1)')
    .replace(/\bpvsnap-[0-9a-f-]{36}\b/g, 'pvsnap-x')
    .replace(/-\d{10}\b/g, '-t');
}
