/**
 * `npm run cluster [-- --default-limits]`: a cluster to try things on, until Ctrl-C.
 * With --default-limits the snapshot and provisioning controllers call the API server as slowly as most users run them.
 */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { startCluster, type Cluster } from '../test/cluster/start.ts';

const { values } = parseArgs({ options: { 'default-limits': { type: 'boolean', default: false } } });
try {
  // Until it stands, a signal ends this process at once, and the cluster goes with it.
  await serve(await startCluster({ apiLimits: values['default-limits'] ? 'default' : 'raised' }));
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

async function serve(cluster: Cluster): Promise<void> {
  const end = Promise.race([
    ...['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => once(process, signal)),
    once(cluster.failed, 'abort'),
  ]);
  console.log(`export KUBECONFIG=${cluster.kubeconfig}`);
  console.error(`The cluster runs until Ctrl-C. kubectl: ${cluster.programs}/kubectl, logs: ${cluster.directory}/logs`);
  await end;
  await cluster.stop();
  cluster.failed.throwIfAborted();
}
