import type { Bench } from './bench.ts';

/** Makes a namespace for one measurement. It goes with the cluster: emptying it before would slow what is measured next. */
export async function openNamespace({ api, signal }: Pick<Bench, 'api' | 'signal'>): Promise<string> {
  const { metadata } = await api.create({ kind: 'Namespace', metadata: { generateName: 'bench-' } });
  const account = { kind: 'ServiceAccount', namespace: metadata.name, fields: { 'metadata.name': 'default' } };
  // Pods are refused until it is there.
  await api.watchUntil(account, () => true, signal);
  return metadata.name;
}
