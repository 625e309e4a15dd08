/** Starts a cluster of real Kubernetes components, with our CSI driver and two simulated nodes. */
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, type Credentials } from './api.ts';
import { controllers, driverState, foundation, type ApiLimits, type Surroundings } from './components.ts';
import { writeFacts, type ClusterFacts } from './facts.ts';
import { defineSnapshots, furnish, grantRights } from './furnish.ts';
import { writeIdentities } from './identities.ts';
import { findFreePorts } from './ports.ts';
import { ensurePrograms } from './programs/build.ts';
import { untilReady } from './ready.ts';
import { startSupervisor, type Supervisor } from './supervise.ts';

const START_TIMEOUT_MS = 180_000;

export interface Cluster extends ClusterFacts {
  /** Aborts when a component ends by itself; its reason is an Error that says which, with its last words. */
  failed: AbortSignal;
  /** Ends every process and removes every file of the cluster. */
  stop: () => Promise<void>;
}

/**
 * Builds the programs if need be, and starts the cluster: a few seconds once built.
 * Everything is stopped and removed when this process ends, however it ends.
 * @throws Error with the name of a component that failed and the end of its log, or when three minutes were not enough
 */
export async function startCluster({ apiLimits = 'raised' }: { apiLimits?: ApiLimits } = {}): Promise<Cluster> {
  const programs = await ensurePrograms();
  const [supervisor, ports] = await Promise.all([startSupervisor(), findFreePorts('etcd', 'etcdPeer', 'apiServer')]);
  try {
    const { directory, failed, stop } = supervisor;
    const url = `https://127.0.0.1:${ports.apiServer}`;
    const identities = await writeIdentities(join(directory, 'identities'), url);
    const credentials = { url, authority: identities.authority.certificate, ...identities.admin };
    await bringUp(supervisor, { directory, programs, ports, identities, apiLimits }, credentials);
    const kubeconfig = join(directory, 'kubeconfig');
    await symlink(identities.kubeconfig('admin'), kubeconfig);
    const facts = { directory, kubeconfig, credentials, programs, driverState: driverState(directory) };
    await writeFacts(facts);
    return { ...facts, failed, stop };
  } catch (error) {
    await supervisor.stop();
    throw error;
  }
}

async function bringUp(supervisor: Supervisor, surroundings: Surroundings, credentials: Credentials): Promise<void> {
  const api = connect(credentials);
  const deadline = AbortSignal.timeout(START_TIMEOUT_MS);
  const signal = AbortSignal.any([supervisor.failed, deadline]);
  try {
    await Promise.all(foundation(surroundings).map(supervisor.run));
    await defineSnapshots(api, surroundings.programs, signal);
    await untilReady(api, signal);
    await grantRights(api);
    await Promise.all([...controllers(surroundings).map(supervisor.run), furnish(api, signal)]);
  } catch (error) {
    if (supervisor.failed.aborted || !deadline.aborted) throw error;
    throw new Error(`the cluster was not ready after ${START_TIMEOUT_MS / 1000} s`, { cause: error });
  } finally {
    api.close();
  }
}
