/** What other processes know of a running cluster, in a file whose path is in the environment of tests. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Credentials } from './api.ts';

/** The environment variable with the path of the file. */
export const FACTS_VARIABLE = 'PVSNAP_TEST_CLUSTER';

export interface ClusterFacts {
  /** The cluster's folder; it goes with the cluster. */
  directory: string;
  /** Path of an administrator's kubeconfig. */
  kubeconfig: string;
  /** The same rights, for a client that reads no kubeconfig. */
  credentials: Credentials;
  /** Folder of the control plane's programs, kubectl among them. */
  programs: string;
  /** Folder of the CSI driver: `volumes/<handle>/`, `snapshots/<handle>/` and the knobs. */
  driverState: string;
}

export function factsPath(clusterDirectory: string): string {
  return join(clusterDirectory, 'facts.json');
}

export async function writeFacts(facts: ClusterFacts): Promise<void> {
  await writeFile(factsPath(facts.directory), JSON.stringify(facts), { mode: 0o600 });
}

/** @throws Error when this process was not started by scripts/test.ts */
export async function readFacts(path = process.env[FACTS_VARIABLE]): Promise<ClusterFacts> {
  if (!path) throw new Error(`${FACTS_VARIABLE} is not set: run this test by "npm run test:e2e" or scripts/test.ts`);
  return JSON.parse(await readFile(path, 'utf8')) as ClusterFacts;
}
