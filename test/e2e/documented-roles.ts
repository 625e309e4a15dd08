import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { TestNamespace } from '../cluster/namespace.ts';

/**
 * Gives the user who is called as the namespace roles of docs/rbac.md as they stand there, and no others.
 * @param roles without `pvsnap-`; those that end in `-cluster` for the whole cluster, the others for the namespace
 */
export async function giveDocumentedRoles(t: TestContext, namespace: TestNamespace, roles: string[]): Promise<void> {
  const { name } = namespace;
  const text = await readFile(new URL('../../docs/rbac.md', import.meta.url), 'utf8');
  const blocks = [...text.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, block = '']) => block);
  const file = join(namespace.cluster.directory, `${name}-roles.yaml`);
  await writeFile(file, blocks.join('---\n').replaceAll('name: pvsnap-', `name: ${name}-`));
  const kubectl = async (...args: string[]): Promise<void> => {
    const { code, stderr } = await namespace.kubectl(...args);
    assert.equal(code, 0, stderr);
  };
  const isClusterWide = (role: string): boolean => role.endsWith('-cluster');
  t.after(async () => {
    await namespace.kubectl('delete', '-f', file, '--ignore-not-found');
    const bindings = roles.filter(isClusterWide).map((role) => `clusterrolebinding/${name}-${role}`);
    await namespace.kubectl('delete', ...bindings, '--ignore-not-found');
  });
  await kubectl('apply', '-f', file);
  for (const role of roles) {
    const kind = isClusterWide(role) ? 'clusterrolebinding' : 'rolebinding';
    await kubectl('create', kind, `${name}-${role}`, `--clusterrole=${name}-${role}`, `--user=${name}`);
  }
}
