/** The address of a server as client-go understands it (rest.DefaultServerURL). */
import { ClusterError } from '../../errors.ts';

export interface ServerAddress {
  /** Without a slash at its end. */
  url: string;
  /** Host and port as they were written: messages name them so. */
  host: string;
  isTls: boolean;
}

/**
 * An address without a scheme is http: client-go looks at credentials and trust only after it has decided that.
 * @throws ClusterError with kubectl's words
 */
export function parseServer(text: string): ServerAddress {
  const [, scheme, host, rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]+)(.*)$/i.exec(text) ?? [];
  if (scheme === undefined || host === undefined) return withoutScheme(text);
  const lower = scheme.toLowerCase();
  if (lower !== 'http' && lower !== 'https') {
    throw new ClusterError(`Unable to connect to the server: unsupported protocol scheme "${lower}"`, 0, '');
  }
  const path = rest.replace(/[?#].*$/s, '').replace(/\/+$/, '');
  return checked({ url: `${lower}://${host}${path}`, host: withoutUser(host), isTls: lower === 'https' }, text);
}

function withoutScheme(text: string): ServerAddress {
  const [, host = '', path = ''] = /^([^/?#]*)(.*)$/s.exec(text) ?? [];
  if (host === '' || (path !== '' && path !== '/')) {
    throw new ClusterError(`error: host must be a URL or a host:port pair: "${text}"`, 0, '');
  }
  return checked({ url: `http://${host}`, host: withoutUser(host), isTls: false }, `http://${text}`);
}

function checked(address: ServerAddress, text: string): ServerAddress {
  if (URL.canParse(address.url)) return address;
  const [port] = /:[^:\]]*$/.exec(address.host) ?? [];
  const problem =
    port !== undefined && !/^:\d*$/.test(port) ? `invalid port "${port}" after host` : 'invalid host name';
  throw new ClusterError(`error: parse "${text}": ${problem}`, 0, '');
}

function withoutUser(host: string): string {
  return host.slice(host.lastIndexOf('@') + 1);
}
