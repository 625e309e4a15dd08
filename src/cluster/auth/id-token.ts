/** A token this close to its end may not live until the server reads it. */
const leewayMs = 10_000;

/** @throws Error with kubectl's words when it isn't a JSON Web Token */
export function isExpired(idToken: string, nowMs: number): boolean {
  const [, payload, , ...more] = idToken.split('.');
  if (payload === undefined || more.length > 0 || idToken.split('.').length !== 3) {
    throw new Error('ID Token is not a valid JWT');
  }
  let claims: unknown;
  try {
    claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  } catch (error) {
    throw new Error(`parsing claims: ${String(error)}`, { cause: error });
  }
  const { exp } = claims as { exp?: unknown };
  return nowMs + leewayMs >= Number(exp ?? 0) * 1000;
}
