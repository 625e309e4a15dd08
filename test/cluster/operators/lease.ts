/** The Lease by which a controller is the only one of its kind at work. */
import type { Api } from '../api.ts';
import { ensure } from './objects.ts';

const DURATION_S = 15;
const RENEW_MS = 2_000;

/** Takes it and renews it as client-go's leader election does by default. @returns what ends that; the Lease stays */
export async function holdLease(
  api: Api,
  namespace: string,
  name: string,
  holderIdentity: string,
): Promise<() => void> {
  const now = (): string => new Date().toISOString().replace('Z', '000Z');
  const spec = { holderIdentity, leaseDurationSeconds: DURATION_S, acquireTime: now(), renewTime: now() };
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name }, spec };
  if (!(await ensure(api, lease, namespace))) await api.patch({ kind: 'Lease', name, namespace }, { spec });
  const renewal = setInterval(() => {
    // The namespace may be on its way out.
    api.patch({ kind: 'Lease', name, namespace }, { spec: { renewTime: now() } }).catch(() => undefined);
  }, RENEW_MS);
  return () => {
    clearInterval(renewal);
  };
}
