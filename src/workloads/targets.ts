/** What a person names on the command line, and the claims that it stands for. */
import type { Right } from '../cluster/access.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Claim, Pod } from '../cluster/objects.ts';
import * as resources from '../cluster/resources.ts';
import type { Finding } from '../errors.ts';
import { UsageError } from '../errors.ts';
import { claimNamesOf, needsPods } from './claims-of.ts';
import type { Workload, WorkloadKind } from './kinds.ts';
import { displayName, resourceOf, workloadKinds, workloadOf } from './kinds.ts';
import { compareNatural } from '../cluster/natural-order.ts';

export type Target = WorkloadTarget | ClaimTarget;

interface WorkloadTarget {
  type: 'workload';
  kind: WorkloadKind;
  name: string;
}

interface ClaimTarget {
  type: 'claim';
  name: string;
}

export interface ResolvedTargets {
  /** Those that exist, each once, es-kafka-2 before es-kafka-10. */
  claims: Claim[];
  /** The targets by their canonical names, in the order given, such as `statefulset/es-kafka,-l app=x`. */
  description: string;
  /** One for every target that doesn't stand for a claim. */
  findings: Finding[];
}

/** @throws UsageError for anything but TYPE/NAME with a type that is known; names are matched as kubectl does */
export function parseTarget(word: string): Target {
  const [type = '', name = '', ...rest] = word.split('/');
  if (name !== '' && rest.length === 0) {
    if (resources.isNamed(resources.claims, type)) return { type: 'claim', name };
    const kind = workloadKinds.find((candidate) => resources.isNamed(resourceOf(candidate), type));
    if (kind !== undefined) return { type: 'workload', kind, name };
  }
  throw new UsageError(
    `"${word}" is not a target: expected TYPE/NAME, with TYPE one of ${workloadKinds.join(', ')}; ` +
      'for claims pvc/NAME; or -l SELECTOR',
  );
}

/** What finding the claims of these targets takes. Pods are read too, but only where a workload may have some. */
export function rightsToResolve(namespace: string, targets: readonly Target[]): Right[] {
  const kinds = new Set(targets.flatMap((target) => (target.type === 'workload' ? target.kind : [])));
  return [
    { verb: 'list', resource: resources.claims, namespace },
    ...[...kinds].map((kind): Right => ({ verb: 'get', resource: resourceOf(kind), namespace })),
  ];
}

/** The canonical name, such as `statefulset/es-kafka` or `pvc/data-0`. */
export function describeTarget(target: Target): string {
  return target.type === 'claim' ? `pvc/${target.name}` : displayName(target);
}

/**
 * Finds the claims of all targets. Asks for each workload once, for the namespace's claims once, for those of the
 * selector once (its grammar is the server's to judge), and for pods only where a workload may have some.
 */
export async function resolveTargets(
  cluster: Cluster,
  namespace: string,
  targets: readonly Target[],
  selector: string | undefined,
): Promise<ResolvedTargets> {
  const wanted = [...new Map(targets.map((target) => [describeTarget(target), target])).values()];
  const [workloads, existing, selected] = await Promise.all([
    Promise.all(wanted.map((target) => findWorkload(cluster, namespace, target))),
    wanted.length === 0 ? [] : cluster.list(resources.claims, { namespace }),
    selector === undefined ? [] : cluster.list(resources.claims, { namespace, labelSelector: selector }),
  ]);
  const needed = workloads.some((workload) => workload !== undefined && needsPods(workload));
  const pods = needed ? await cluster.list(resources.pods, { namespace }) : [];

  const byName = new Map(existing.map((claim) => [claim.metadata.name, claim]));
  const found = wanted.map((target, index) => claimsOfTarget(target, workloads[index], byName, pods, namespace));
  if (selector !== undefined) found.push(claimsOfSelector(selector, selected, namespace));
  const unique = new Map(found.flatMap(({ claims }) => claims).map((claim) => [claim.metadata.name, claim]));
  return {
    claims: [...unique.values()].sort((a, b) => compareNatural(a.metadata.name, b.metadata.name)),
    description: [...wanted.map(describeTarget), ...(selector === undefined ? [] : [`-l ${selector}`])].join(','),
    findings: found.flatMap(({ findings }) => findings),
  };
}

type Found = Pick<ResolvedTargets, 'claims' | 'findings'>;

async function findWorkload(cluster: Cluster, namespace: string, target: Target): Promise<Workload | undefined> {
  if (target.type === 'claim') return undefined;
  const object = await cluster.find(resourceOf(target.kind), target.name, namespace);
  return object === undefined ? undefined : workloadOf(target.kind, object);
}

function claimsOfTarget(
  target: Target,
  workload: Workload | undefined,
  byName: ReadonlyMap<string, Claim>,
  pods: readonly Pod[],
  namespace: string,
): Found {
  const about = describeTarget(target);
  const refused = (problem: string, remedy: string): Found => ({ claims: [], findings: [{ about, problem, remedy }] });
  const existing = (names: readonly string[]): Claim[] => names.flatMap((name) => byName.get(name) ?? []);
  const seeClaims = `see: kubectl get pvc -n ${namespace}`;

  if (target.type === 'claim') {
    const claims = existing([target.name]);
    return claims.length > 0 ? { claims, findings: [] } : refused(`not found in namespace ${namespace}`, seeClaims);
  }
  if (workload === undefined) {
    const { plural } = resourceOf(target.kind);
    return refused(`not found in namespace ${namespace}`, `see: kubectl get ${plural} -n ${namespace}`);
  }
  const names = claimNamesOf(workload, [...byName.values()], pods);
  const claims = existing(names);
  if (claims.length > 0) return { claims, findings: [] };
  if (names.length > 0) return refused(`its claims don't exist: ${names.join(', ')}`, seeClaims);
  return refused('its pods use no claims', `name a workload whose pods do, or claims; ${seeClaims}`);
}

function claimsOfSelector(selector: string, claims: Claim[], namespace: string): Found {
  if (claims.length > 0) return { claims, findings: [] };
  const problem = `matches no claim in namespace ${namespace}`;
  const remedy = `see their labels: kubectl get pvc -n ${namespace} --show-labels`;
  return { claims, findings: [{ about: `-l ${selector}`, problem, remedy }] };
}
