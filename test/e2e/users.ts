/** Users with fewer rights than the tests themselves. */
import type { TestNamespace } from '../cluster/namespace.ts';

interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
}

/** Gives a new user these rights in the namespace, and no others. @returns the user's name, for `--as` */
export async function allow(namespace: TestNamespace, name: string, rules: Rule[]): Promise<string> {
  const user = `${name}-of-${namespace.name}`;
  const group = 'rbac.authorization.k8s.io';
  const metadata = { name };
  await namespace.apply([
    { apiVersion: `${group}/v1`, kind: 'Role', metadata, rules },
    {
      apiVersion: `${group}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: group, kind: 'Role', name },
      subjects: [{ apiGroup: group, kind: 'User', name: user }],
    },
  ]);
  return user;
}
