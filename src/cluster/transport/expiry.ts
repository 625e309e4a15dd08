/** When a certificate that was refused for its dates is valid: Node says only that they don't fit. */
import { once } from 'node:events';
import tls from 'node:tls';

const longestMs = 5000;

/**
 * Connects once more, to look at the certificate; nothing is sent.
 * @returns Go's words, such as `current time ... is after ...`; undefined when it can't be seen
 */
export async function expiryOf(server: URL, serverName: string | undefined): Promise<string | undefined> {
  const socket = tls.connect({
    host: server.hostname.replace(/^\[|\]$/g, ''),
    port: Number(server.port === '' ? 443 : server.port),
    rejectUnauthorized: false,
    ...(serverName !== undefined && { servername: serverName }),
  });
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(longestMs) });
    const certificate = socket.getPeerX509Certificate();
    return certificate && wordsOf(Date.now(), Date.parse(certificate.validFrom), Date.parse(certificate.validTo));
  } catch {
    // The first refusal stands, without its dates.
    return undefined;
  } finally {
    socket.destroy();
  }
}

function wordsOf(nowMs: number, fromMs: number, toMs: number): string | undefined {
  const text = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
  if (nowMs > toMs) return `current time ${text(nowMs)} is after ${text(toMs)}`;
  return nowMs < fromMs ? `current time ${text(nowMs)} is before ${text(fromMs)}` : undefined;
}
