/** The real Prometheus operator, as a Deployment of its own whose pod is its process. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { parse } from 'yaml';
import type { KubeObject } from '../api.ts';
import type { ClusterFacts } from '../facts.ts';
import type { TestNamespace } from '../namespace.ts';
import { findFreePorts } from '../ports.ts';
import { ensurePrograms } from '../programs/build.ts';
import { prometheusOperator } from '../programs/prometheus-operator/list.ts';
import { endComponent, runComponent } from '../supervise.ts';
import { defineAll, resource } from './definitions.ts';
import { deploy, type Deployed, type End } from './deployed.ts';
import { operatorIdentity } from './identity.ts';

const NAME = 'prometheus-operator';

export const prometheuses = resource('monitoring.coreos.com/v1', 'Prometheus');

/**
 * Builds it if need be (three minutes), and returns when it runs.
 * @param home where its Deployment `prometheus-operator` is
 * @param watched the namespace of the Prometheus objects that it looks after
 */
export async function openPrometheusOperator(
  test: TestContext,
  home: TestNamespace,
  watched: TestNamespace,
): Promise<Deployed> {
  const programs = await ensurePrograms(prometheusOperator);
  await defineAll(home.api, await definitionsIn(programs));
  return deploy(test, home, {
    name: NAME,
    image: 'quay.io/prometheus-operator/prometheus-operator:v0.85.0',
    args: [`--namespaces=${watched.name}`],
    start: (pod) => startProcess(home, watched.name, { pod, command: join(programs, NAME) }),
  });
}

/** With a claim for each of its pods: `prometheus-<name>-db-prometheus-<name>-<n>`. */
export function prometheus(name: string, { replicas = 2 } = {}): KubeObject {
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
  return {
    ...prometheuses,
    metadata: { name },
    spec: { replicas, storage: { volumeClaimTemplate: { spec } } },
  };
}

async function definitionsIn(programs: string): Promise<KubeObject[]> {
  const files = (await readdir(programs)).filter((file) => file.endsWith('.yaml'));
  return Promise.all(files.map(async (file) => parse(await readFile(join(programs, file), 'utf8')) as KubeObject));
}

/** The cluster's supervisor holds it, so that it goes however the test ends. */
async function startProcess(
  { name: home, cluster }: TestNamespace,
  watched: string,
  { pod, command }: { pod: string; command: string },
): Promise<End> {
  const { directory, credentials } = cluster;
  const name = `${home}-${pod}`;
  const { web } = await findFreePorts('web');
  const files = await writeCertificate(cluster, home, name);
  const args = [`--apiserver=${credentials.url}`, `--namespaces=${watched}`, `--web.listen-address=127.0.0.1:${web}`];
  await runComponent(directory, { name, command, args: [...args, ...files] });
  return () => endComponent(directory, name);
}

async function writeCertificate(cluster: ClusterFacts, home: string, name: string): Promise<string[]> {
  const identities = join(cluster.directory, 'identities');
  const { certificate, key } = await operatorIdentity(cluster, home, NAME);
  const path = (end: string): string => join(identities, `${name}.${end}`);
  await Promise.all([writeFile(path('crt'), certificate), writeFile(path('key'), key, { mode: 0o600 })]);
  return [`--ca-file=${join(identities, 'ca.crt')}`, `--cert-file=${path('crt')}`, `--key-file=${path('key')}`];
}
