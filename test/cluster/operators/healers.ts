/**
 * Stand-ins for what makes a workload say again what is written elsewhere: Argo CD, Flux and KEDA. Of each it is the one
 * thing that matters to a restore, by their documentation: replicas that somebody changes are put back, unless its
 * resource says that it must not. (Argo CD's controllers need Redis and a repository server, Flux's a source of git.)
 */
import type { TestContext } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { V1Deployment } from '@kubernetes/client-node';
import { ApiError, connect, type Api, type KubeObject } from '../api.ts';
import type { TestNamespace } from '../namespace.ts';
import { control } from './control.ts';
import { apiKind, define, kinds, type ResourceKind } from './definitions.ts';
import { listOf } from './objects.ts';

/** A workload as it is written down. */
export interface Written {
  kind: 'StatefulSet' | 'Deployment';
  name: string;
  replicas: number;
}

export interface Healer {
  /** What it has put back, such as `db from 0 to 2`. */
  acts: readonly string[];
}

/** Argo CD: an Application that syncs by itself and heals itself. */
export function openArgoCd(test: TestContext, home: TestNamespace, target: string, written: Written): Promise<Healer> {
  const heals = ({ spec, metadata }: Healing): boolean =>
    spec.syncPolicy?.automated?.selfHeal === true &&
    spec.syncPolicy.automated.enabled !== false &&
    metadata.annotations?.['argocd.argoproj.io/skip-reconcile'] !== 'true';
  return openHealer(test, home, { kind: kinds.application, heals, target, written });
}

/** Flux: a Kustomization that is not suspended. */
export function openFlux(test: TestContext, home: TestNamespace, target: string, written: Written): Promise<Healer> {
  const heals = ({ spec }: Healing): boolean => spec.suspend !== true;
  return openHealer(test, home, { kind: kinds.kustomization, heals, target, written });
}

/** KEDA: a ScaledObject that is not paused; one that is says so. */
export function openKeda(test: TestContext, home: TestNamespace, target: string, written: Written): Promise<Healer> {
  const heals = ({ metadata: { annotations = {} } }: Healing): boolean =>
    annotations['autoscaling.keda.sh/paused'] !== 'true' &&
    annotations['autoscaling.keda.sh/paused-replicas'] === undefined;
  const statusOf = (resource: Healing): object => ({
    conditions: [{ type: 'Paused', status: heals(resource) ? 'False' : 'True' }],
  });
  return openHealer(test, home, { kind: kinds.scaledObject, heals, statusOf, target, written });
}

interface Healing extends KubeObject {
  status?: object;
  spec: { suspend?: boolean; syncPolicy?: { automated?: { selfHeal?: boolean; enabled?: boolean } } };
}

interface Rule {
  kind: ResourceKind;
  /** Whether the resource lets it act. */
  heals: (resource: Healing) => boolean;
  /** What it writes into the resource's status. */
  statusOf?: (resource: Healing) => object;
  /** The namespace of the workload. */
  target: string;
  written: Written;
}

/** Acts for as long as there is such a resource in its namespace; until the test ends. */
async function openHealer(test: TestContext, home: TestNamespace, rule: Rule): Promise<Healer> {
  const { kind, heals, statusOf, target, written } = rule;
  await define(home.api, [kind]);
  const api = connect(home.cluster.credentials, kind.kind.toLowerCase());
  const acts: string[] = [];
  const watched = [
    { kind: apiKind(kind), namespace: home.name, fields: {} },
    { kind: written.kind, namespace: target, fields: { 'metadata.name': written.name } },
  ];
  const stop = control(api, watched, async () => {
    const resources = await listOf<Healing>(api, apiKind(kind), home.name);
    if (resources.some(heals)) await putBack(api, target, written, acts);
    if (statusOf !== undefined) for (const one of resources) await writeStatus(api, one, statusOf(one));
  });
  test.after(async () => {
    await stop();
    api.close();
  });
  return { acts };
}

async function writeStatus(api: Api, resource: Healing, status: object): Promise<void> {
  if (isDeepStrictEqual(resource.status, status)) return;
  const { name, namespace = '' } = resource.metadata;
  await api.patch({ kind: apiKind(resource), name, namespace, subresource: 'status' }, { status });
}

async function putBack(api: Api, namespace: string, written: Written, acts: string[]): Promise<void> {
  const { kind, name, replicas } = written;
  const now = await api.get<V1Deployment>(kind, name, namespace).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  });
  const found = now?.spec?.replicas;
  if (found === undefined || found === replicas) return;
  acts.push(`${name} from ${found} to ${replicas}`);
  await api.patch({ kind, name, namespace }, { spec: { replicas } });
}
