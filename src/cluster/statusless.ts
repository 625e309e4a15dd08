/**
 * What is said of an answer that carries no Status object: a proxy's error page, an empty body (apimachinery
 * api/errors NewGenericServerResponse).
 */

export interface Asked {
  method: string;
  /** The request's path, from which the resource and the name are read. */
  path: string;
  contentType?: string | undefined;
}

export function statusless(httpStatus: number, body: string, asked?: Asked): { message: string; reason: string } {
  const text = isText(asked?.contentType) ? body.slice(0, 2048).trim() : 'unknown';
  const { message, reason } = wordsOf(httpStatus, text, asked?.method);
  return { reason, message: asked === undefined ? message : `${message}${target(asked)}` };
}

function isText(contentType = ''): boolean {
  return contentType === '' || contentType.startsWith('text/');
}

function wordsOf(httpStatus: number, text: string, method = 'GET'): { message: string; reason: string } {
  if (httpStatus === 403) return { reason: 'Forbidden', message: text };
  if (httpStatus === 415) return { reason: 'UnsupportedMediaType', message: text };
  if (httpStatus === 406 && text !== '' && text !== 'unknown') return { reason: 'NotAcceptable', message: text };
  if (httpStatus === 409) {
    return { reason: method === 'POST' ? 'AlreadyExists' : 'Conflict', message: 'the server reported a conflict' };
  }
  const [reason = '', message] = known[httpStatus] ?? [];
  if (message !== undefined) return { reason, message };
  if (httpStatus < 500) {
    return {
      reason,
      message: `the server responded with the status code ${httpStatus} but did not return more information`,
    };
  }
  const words = `an error on the server (${JSON.stringify(text)}) has prevented the request from succeeding`;
  return { reason: 'InternalError', message: words };
}

const known: Partial<Record<number, [reason: string, message: string]>> = {
  400: ['BadRequest', 'the server rejected our request for an unknown reason'],
  401: ['Unauthorized', 'the server has asked for the client to provide credentials'],
  404: ['NotFound', 'the server could not find the requested resource'],
  405: ['MethodNotAllowed', 'the server does not allow this method on the requested resource'],
  406: ['NotAcceptable', 'the server was unable to respond with a content type that the client supports'],
  422: ['Invalid', 'the server rejected our request due to an error in our request'],
  429: ['TooManyRequests', 'the server has received too many requests and has asked us to try again later'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: [
    'Timeout',
    'the server was unable to return a response in the time allotted, but may still be processing the request',
  ],
};

/** ` (get volumesnapshots.snapshot.storage.k8s.io NAME)` */
function target({ method, path }: Asked): string {
  const [, group = '', rest = ''] =
    /^\/(?:api|apis\/([^/]+))\/[^/]+\/(?:namespaces\/[^/]+\/(?=[^/]))?(.+)$/.exec(path) ?? [];
  const [resource = '', name] = rest.split('/');
  if (resource === '') return '';
  const qualified = group === '' ? resource : `${resource}.${group}`;
  return ` (${[method.toLowerCase(), qualified, ...(name === undefined ? [] : [decodeURIComponent(name)])].join(' ')})`;
}
