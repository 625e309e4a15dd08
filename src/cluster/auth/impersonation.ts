/** The headers of impersonation (client-go transport, ImpersonatingRoundTripper). */
import type { UserEntry } from '../kubeconfig/shape.ts';

export function impersonationHeaders(user: UserEntry): Record<string, string | string[]> {
  if (user.as === undefined) return {};
  const headers: Record<string, string | string[]> = { 'Impersonate-User': user.as };
  if (user['as-uid'] !== undefined) headers['Impersonate-Uid'] = user['as-uid'];
  if (user['as-groups'] !== undefined) headers['Impersonate-Group'] = user['as-groups'];
  for (const [key, values] of Object.entries(user['as-user-extra'] ?? {})) {
    headers[`Impersonate-Extra-${escapeKey(key)}`] = values;
  }
  return headers;
}

/** Percent-encodes what can't stand in a header's name, and the percent sign. */
function escapeKey(key: string): string {
  return Array.from(Buffer.from(key), (byte) => {
    const character = String.fromCharCode(byte);
    return /[!#$&'*+\-.0-9A-Z^_`a-z|~]/.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}
