import http from 'node:http';
import https from 'node:https';

/** A request to a server of either kind. */
export function requestTo(url: URL, options: https.RequestOptions): http.ClientRequest {
  return (url.protocol === 'https:' ? https : http).request(url, options);
}
