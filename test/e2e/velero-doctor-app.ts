/** What `doctor velero` says, and what Velero leaves behind. */
import assert from 'node:assert/strict';
import type { KubeObject } from '../cluster/api.ts';
import type { TestNamespace } from '../cluster/namespace.ts';
import type { Velero } from '../cluster/velero.ts';
import { pvsnap } from './program.ts';

export interface Report {
  problems: number;
  checks: {
    name: string;
    state: string;
    seen: string[];
    findings: { about: string; problem: string; remedy: string }[];
  }[];
  leftovers: { kind: string; snapshot?: { name: string }; content?: { name: string; handle: string } }[];
}

/** What `doctor` says of the namespace; by its check, and its exit code. */
export async function examine(
  { home }: Velero,
  namespace: TestNamespace,
  ...args: string[]
): Promise<{ code: number; report: Report; check: (name: string) => Report['checks'][number] }> {
  const words = ['doctor', 'velero', '--velero-namespace', home.name, '-o', 'json', ...args];
  const { code, stdout, stderr } = await pvsnap(namespace, ...words);
  assert.equal(stderr, '');
  const report = JSON.parse(stdout) as Report;
  const check = (name: string): Report['checks'][number] => {
    const found = report.checks.find((one) => one.name === name);
    assert.ok(found, `there is no check ${name}: ${stdout}`);
    return found;
  };
  return { code, report, check };
}

/** All that is wrong, in one text. */
export function wrongIn({ checks }: Report): string {
  return checks
    .flatMap(({ name, findings }) => findings.map(({ about, problem }) => `${name}: ${about} ${problem}`))
    .join('\n');
}

interface ContentObject extends KubeObject {
  spec: { deletionPolicy: string; source: { snapshotHandle?: string }; volumeSnapshotRef: { namespace: string } };
}

/** The namespace's snapshots and contents. */
export async function objectsIn({
  api,
  name,
}: TestNamespace): Promise<{ snapshots: KubeObject[]; contents: ContentObject[] }> {
  const [snapshots, contents] = await Promise.all([
    api.get<{ items: KubeObject[] }>('VolumeSnapshot', '', name),
    api.get<{ items: ContentObject[] }>('VolumeSnapshotContent', ''),
  ]);
  return {
    snapshots: snapshots.items,
    contents: contents.items.filter(({ spec }) => spec.volumeSnapshotRef.namespace === name),
  };
}
