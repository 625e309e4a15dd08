/** Asks an OpenID Connect provider for a new id-token (client-go's oidc provider and golang.org/x/oauth2). */
import { once } from 'node:events';
import type http from 'node:http';
import { openPool } from '../transport/agent.ts';
import { proxyFor } from '../transport/proxy.ts';
import { authorityOptions } from '../transport/trust.ts';
import { requestTo } from '../transport/request.ts';

export interface Tokens {
  'id-token': string;
  'refresh-token'?: string;
}

/** @throws Error with kubectl's words */
export async function refresh(config: Record<string, string>): Promise<Tokens> {
  const issuer = (config['idp-issuer-url'] ?? '').replace(/\/$/, '');
  const metadata = await ask(config, `${issuer}/.well-known/openid-configuration`);
  if (metadata.status !== 200) {
    const start = metadata.text.length > 80 ? `${metadata.text.slice(0, 80)}...` : metadata.text;
    throw new Error(`oidc: failed to query metadata endpoint ${metadata.status}: ${JSON.stringify(start)}`);
  }
  const endpoint = parse(metadata.text).token_endpoint;
  if (typeof endpoint !== 'string') throw new Error("oidc: discovery object doesn't contain a token_endpoint");
  const { id_token: idToken, refresh_token: refreshToken } = await newTokens(config, endpoint);
  if (typeof idToken !== 'string') {
    throw new Error(
      'token response did not contain an id_token, either the scope "openid" wasn\'t requested upon login, or the provider doesn\'t support id_tokens as part of the refresh response',
    );
  }
  return { 'id-token': idToken, ...(typeof refreshToken === 'string' && { 'refresh-token': refreshToken }) };
}

/** Providers differ in where they want the client's secret: first in the header, then in the form, as Go tries it. */
async function newTokens(config: Record<string, string>, endpoint: string): Promise<Record<string, unknown>> {
  const { 'client-id': id = '', 'client-secret': secret = '' } = config;
  const form = { grant_type: 'refresh_token', refresh_token: config['refresh-token'] ?? '' };
  const pair = `${encodeURIComponent(id)}:${encodeURIComponent(secret)}`;
  const authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
  const first = await ask(config, endpoint, form, { Authorization: authorization });
  if (first.status < 300) return parse(first.text);
  const inForm = { ...form, client_id: id, ...(secret !== '' && { client_secret: secret }) };
  const second = await ask(config, endpoint, inForm);
  if (second.status < 300) return parse(second.text);
  const { error, error_description: words } = second.text.startsWith('{') ? parse(second.text) : {};
  const said =
    typeof error === 'string' ? [JSON.stringify(error), words].filter(Boolean).map(String).join(' ') : second.text;
  throw new Error(`failed to refresh token: oauth2: ${said}`);
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    throw new Error(`oidc: failed to decode provider discovery object: ${String(error)}`, { cause: error });
  }
}

/** @param form absent: GET */
async function ask(
  config: Record<string, string>,
  address: string,
  form?: Record<string, string>,
  headers: http.OutgoingHttpHeaders = {},
): Promise<{ status: number; text: string }> {
  const url = new URL(address);
  const data = config['idp-certificate-authority-data'];
  const trust = authorityOptions({
    'certificate-authority': config['idp-certificate-authority'],
    ...(data !== undefined && { 'certificate-authority-data': Buffer.from(data, 'base64') }),
  });
  const { agent, options } = await openPool(url, proxyFor(url, undefined), trust, { keepAlive: false });
  const body = form === undefined ? undefined : new URLSearchParams(form).toString();
  const type = { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': Buffer.byteLength(body ?? '') };
  const outgoing = requestTo(url, {
    ...options,
    agent,
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...headers, ...(body !== undefined && type) },
  });
  outgoing.end(body);
  const [response] = (await once(outgoing, 'response')) as [http.IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') };
}
