/** Kinds of custom resources, defined by the tests that need them: they are the whole cluster's. */
import { ApiError, type Api, type KubeObject } from '../api.ts';
import { kindOf, plural } from '../kinds.ts';
import { retry } from '../retry.ts';
import { ensure } from './objects.ts';

const SERVED_TIMEOUT_MS = 60_000;

/** As those operators define them, without their schemas: any field is taken. */
export const kinds = {
  kafka: resource('kafka.strimzi.io/v1beta2', 'Kafka'),
  podSet: resource('core.strimzi.io/v1beta2', 'StrimziPodSet'),
  clusterServiceVersion: resource('operators.coreos.com/v1alpha1', 'ClusterServiceVersion'),
  application: resource('argoproj.io/v1alpha1', 'Application'),
  kustomization: resource('kustomize.toolkit.fluxcd.io/v1', 'Kustomization'),
  scaledObject: resource('keda.sh/v1alpha1', 'ScaledObject'),
} satisfies Record<string, ResourceKind>;

export interface ResourceKind {
  apiVersion: string;
  kind: string;
}

export function resource(apiVersion: string, kind: string): ResourceKind {
  return { apiVersion, kind };
}

/**
 * Defines kinds that are not defined yet, and waits until their objects are taken.
 * @throws the time-out's reason after 30 s
 */
export async function define(api: Api, defined: readonly ResourceKind[]): Promise<void> {
  await defineAll(api, defined.map(definitionOf));
}

/** @param definitions CustomResourceDefinitions, with one version each */
export async function defineAll(api: Api, definitions: readonly KubeObject[]): Promise<void> {
  // Unknown at first, then "storage is (re)initializing".
  const isNotServedYet = (error: unknown): boolean => error instanceof ApiError && [404, 429].includes(error.status);
  await Promise.all(
    definitions.map(async (definition) => {
      await ensure(api, definition);
      const { group, versions, names } = definition.spec as DefinitionSpec;
      const list = `${names.plural}.${versions[0]?.name ?? ''}.${group}`;
      await retry(() => api.get(list, ''), isNotServedYet, AbortSignal.timeout(SERVED_TIMEOUT_MS));
    }),
  );
}

/** The CustomResourceDefinition of a kind. */
function definitionOf({ apiVersion, kind }: ResourceKind): KubeObject {
  const [group = '', version = ''] = apiVersion.split('/');
  const names = { kind, listKind: `${kind}List`, plural: plural(kind), singular: kind.toLowerCase() };
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${names.plural}.${group}` },
    spec: {
      group,
      names,
      scope: 'Namespaced',
      versions: [{ name: version, served: true, storage: true, schema, subresources: { status: {} } }],
    },
  };
}

/** What the Api calls it. */
export function apiKind(kind: ResourceKind): string {
  return kindOf(kind);
}

interface DefinitionSpec {
  group: string;
  names: { plural: string };
  versions: { name: string }[];
}
