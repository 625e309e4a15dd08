/**
 * `npm run demo [-- --velero]`: the program at work on a cluster of real Kubernetes components. Takes a set of six volumes,
 * destroys their data, restores it in place, and compares every byte; then, if asked to, the same with a backup of a real
 * Velero. Exit code 0 only when all of it is as it should be.
 */
import { parseArgs } from 'node:util';
import { startCluster } from '../test/cluster/start.ts';
import { say, sayHeading } from './demo/say.ts';
import { tellStory } from './demo/story.ts';

const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
const interrupted = new AbortController();
// csi-provisioner takes it over its own --kubeconfig: the demo would reach into the cluster that the user works with.
delete process.env.KUBECONFIG;
const { values } = parseArgs({ options: { velero: { type: 'boolean', default: false } } });

try {
  const startedAtMs = performance.now();
  sayHeading('Starting a cluster: etcd, API server, controllers, a CSI driver, two simulated nodes');
  // Until it stands, a signal ends this process at once, and the cluster goes with it.
  const cluster = await startCluster();
  for (const [signal, code] of Object.entries(signals))
    process.on(signal, () => {
      interrupt(code);
    });
  say(`It stands after ${seconds(startedAtMs)}.`);
  try {
    await tellStory(cluster, AbortSignal.any([interrupted.signal, cluster.failed]), { withVelero: values.velero });
  } finally {
    await cluster.stop();
  }
  say(`The cluster is stopped and removed. All of this took ${seconds(startedAtMs)}.`);
} catch (error) {
  process.exitCode ??= 1;
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
}

function interrupt(code: number): void {
  process.exitCode = code;
  interrupted.abort(new Error('stopped; the cluster is removed'));
}

function seconds(sinceMs: number): string {
  return `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
}
