/** One request to an OpenID Connect provider, checked by the authority that the kubeconfig gives it. */
import { once } from 'node:events';
import type http from 'node:http';
import { openPool } from '../transport/agent.ts';
import { goFailure } from '../transport/failures.ts';
import { proxyFor } from '../transport/proxy.ts';
import { requestTo } from '../transport/request.ts';
import { authorityOptions } from '../transport/trust.ts';

export interface ProviderAnswer {
  status: number;
  /** What HTTP says beside the status. */
  words: string;
  text: string;
}

/**
 * @param form absent: GET
 * @throws Error that names the address
 */
export async function askProvider(
  config: Record<string, string>,
  address: string,
  form?: Record<string, string>,
  headers: http.OutgoingHttpHeaders = {},
): Promise<ProviderAnswer> {
  const body = form === undefined ? undefined : new URLSearchParams(form).toString();
  const type = { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': Buffer.byteLength(body ?? '') };
  try {
    const outgoing = await open(config, new URL(address), {
      method: body === undefined ? 'GET' : 'POST',
      headers: { ...headers, ...(body !== undefined && type) },
    });
    outgoing.end(body);
    const [response] = (await once(outgoing, 'response')) as [http.IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const { statusCode: status = 0, statusMessage: words = '' } = response;
    return { status, words, text: Buffer.concat(chunks).toString('utf8') };
  } catch (error) {
    const words = error instanceof Error ? (goFailure(error) ?? error.message) : String(error);
    throw new Error(`${body === undefined ? 'Get' : 'Post'} "${address}": ${words}`, { cause: error });
  }
}

async function open(
  config: Record<string, string>,
  url: URL,
  request: http.RequestOptions,
): Promise<http.ClientRequest> {
  const data = config['idp-certificate-authority-data'];
  const trust = authorityOptions({
    'certificate-authority': config['idp-certificate-authority'],
    ...(data !== undefined && { 'certificate-authority-data': Buffer.from(data, 'base64') }),
  });
  const { agent, options } = await openPool(url, proxyFor(url, undefined), trust, { keepAlive: false });
  return requestTo(url, { ...options, ...request, agent });
}
