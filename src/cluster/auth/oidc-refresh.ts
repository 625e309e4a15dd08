/** Asks an OpenID Connect provider for a new id-token (client-go's oidc provider and golang.org/x/oauth2). */
import { askProvider } from './oidc-http.ts';

export interface Tokens {
  'id-token': string;
  'refresh-token'?: string;
}

/** @throws Error with kubectl's words */
export async function refresh(config: Record<string, string>): Promise<Tokens> {
  const issuer = (config['idp-issuer-url'] ?? '').replace(/\/$/, '');
  const metadata = await askProvider(config, `${issuer}/.well-known/openid-configuration`);
  if (metadata.status !== 200) {
    const start = metadata.text.length > 80 ? `${metadata.text.slice(0, 80)}...` : metadata.text;
    throw new Error(
      `oidc: failed to query metadata endpoint ${metadata.status} ${metadata.words}: ${JSON.stringify(start)}`,
    );
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
  const first = await askProvider(config, endpoint, form, { Authorization: authorization });
  if (first.status < 300) return parse(first.text);
  const inForm = { ...form, client_id: id, ...(secret !== '' && { client_secret: secret }) };
  const second = await askProvider(config, endpoint, inForm);
  if (second.status < 300) return parse(second.text);
  const { error, error_description: words } = second.text.startsWith('{') ? parse(second.text) : {};
  const said = [error, words].filter((text) => typeof text === 'string').map((text) => JSON.stringify(text));
  throw new Error(`failed to refresh token: oauth2: ${said.length === 0 ? second.text : said.join(' ')}`);
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    throw new Error(`oidc: failed to decode provider discovery object: ${String(error)}`, { cause: error });
  }
}
