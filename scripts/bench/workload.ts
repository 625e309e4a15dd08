/** The workload that is restored: a StatefulSet with a claim per pod, and data to know a volume by. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { V1PersistentVolume, V1PersistentVolumeClaim } from '@kubernetes/client-node';
import { statefulSet } from '../../test/cluster/objects.ts';
import type { Bench } from './bench.ts';
import { commandsIn, timeout, type Commands } from './commands.ts';
import { openNamespace } from './namespace.ts';

export const workload = 'kafka';
export const storageClass = 'fast';

export interface Workload {
  namespace: string;
  claims: string[];
  commands: Commands;
}

/** In a namespace of its own; all pods are ready. The class binds at once: the article's order needs that. */
export async function deploy(bench: Bench, replicas: number): Promise<Workload> {
  const namespace = await openNamespace(bench);
  const commands = commandsIn(namespace, bench);
  await bench.api.apply(statefulSet(workload, { replicas, storageClass }), namespace);
  await commands.kubectl('rollout', 'status', `statefulset/${workload}`, `--timeout=${timeout}`);
  const claims = Array.from({ length: replicas }, (_, ordinal) => `data-${workload}-${ordinal}`);
  return { namespace, claims, commands };
}

export async function writeData(bench: Bench, { namespace, claims }: Workload, text: string): Promise<void> {
  await Promise.all(
    claims.map(async (claim) => writeFile(await dataFile(bench, namespace, claim), `${claim} ${text}`)),
  );
}

/** @throws Error when a claim's volume holds anything else: then what was measured was no restore */
export async function checkData(bench: Bench, { namespace, claims }: Workload, text: string): Promise<void> {
  for (const claim of claims) {
    const found = await readFile(await dataFile(bench, namespace, claim), 'utf8').catch(() => 'nothing');
    if (found !== `${claim} ${text}`) throw new Error(`after the restore ${claim} holds "${found}", not "${text}"`);
  }
}

async function dataFile({ api, cluster }: Bench, namespace: string, claim: string): Promise<string> {
  const { spec } = await api.get<V1PersistentVolumeClaim>('PersistentVolumeClaim', claim, namespace);
  const volume = await api.get<V1PersistentVolume>('PersistentVolume', spec?.volumeName ?? '');
  return join(cluster.driverState, 'volumes', volume.spec?.csi?.volumeHandle ?? '', 'data');
}
