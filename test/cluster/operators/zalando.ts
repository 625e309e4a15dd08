/**
 * A stand-in for Zalando's Postgres operator: the one thing that matters to a restore. The StatefulSet has as many
 * replicas as `spec.numberOfInstances` of its postgresql says; 0 shuts the database down.
 */
import type { TestContext } from 'node:test';
import type { V1StatefulSet } from '@kubernetes/client-node';
import { connect, type KubeObject } from '../api.ts';
import type { TestNamespace } from '../namespace.ts';
import { statefulSet } from '../objects.ts';
import { control } from './control.ts';
import { apiKind, define, resource } from './definitions.ts';
import { ensure, listOf, ownerOf } from './objects.ts';

export const postgresqls = resource('acid.zalan.do/v1', 'postgresql');

export interface Postgresql extends KubeObject {
  spec: { numberOfInstances: number };
}

export function postgresql(name: string, numberOfInstances: number): Postgresql {
  return { ...postgresqls, metadata: { name }, spec: { numberOfInstances } };
}

/** Acts in the namespace until the test ends; its StatefulSets delete their claims when they are scaled down. */
export async function openZalandoOperator(test: TestContext, app: TestNamespace): Promise<void> {
  await define(app.api, [postgresqls]);
  const api = connect(app.cluster.credentials, 'postgres-operator');
  const watched = [apiKind(postgresqls), 'StatefulSet'].map((kind) => ({ kind, namespace: app.name, fields: {} }));
  const stop = control(api, watched, async () => {
    for (const one of await listOf<Postgresql>(api, apiKind(postgresqls), app.name)) {
      const { name } = one.metadata;
      const replicas = one.spec.numberOfInstances;
      await ensure(api, setOf(one), app.name);
      const { spec } = await api.get<V1StatefulSet>('StatefulSet', name, app.name);
      if (spec?.replicas !== replicas)
        await api.patch({ kind: 'StatefulSet', name, namespace: app.name }, { spec: { replicas } });
    }
  });
  test.after(async () => {
    await stop();
    api.close();
  });
}

function setOf(object: Postgresql): KubeObject {
  const { metadata, spec, ...rest } = statefulSet(object.metadata.name, { replicas: object.spec.numberOfInstances });
  const ownerReferences = [ownerOf(object, { controller: true, block: false })];
  return {
    ...rest,
    metadata: { ...metadata, ownerReferences } as KubeObject['metadata'],
    spec: { ...(spec as object), persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' } },
  };
}
