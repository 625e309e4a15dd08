/** Which claims the pods of a workload use, or will use once it is scaled up. */
import type { Claim, Deployment, Pod, ReplicaSet, StatefulSet } from '../cluster/objects.ts';
import type { Workload, WorkloadObject } from './kinds.ts';
import { asStatefulSet } from './kinds.ts';
import { podsOf } from './pods-of.ts';

type PodSpec = NonNullable<Pod['spec']>;

/**
 * The names of the claims that a workload's pods use, each once; also of a workload scaled to 0, whose claims are
 * known by their names alone. A claim named here may not exist (yet).
 * @param claims the claims of its namespace
 * @param pods the pods of its namespace; may be left empty when needsPods says no
 */
export function claimNamesOf(workload: Workload, claims: readonly Claim[], pods: readonly Pod[]): string[] {
  const names = [...plannedClaimNames(workload), ...podsOf(workload, pods).flatMap(claimNamesInPod)];
  const statefulSet = asStatefulSet(workload);
  if (statefulSet !== undefined && workload.replicas === 0) names.push(...leftClaimNames(statefulSet, claims));
  return [...new Set(names)];
}

/**
 * Whether pods must be listed to know all claims: those of an older revision, of an ordinal beyond the wanted
 * replicas, or with ephemeral volumes. A workload that rests at 0 has none, and a pod is its own.
 */
export function needsPods(workload: Workload): boolean {
  if (workload.kind === 'pod') return false;
  const isScalable = ['statefulset', 'deployment', 'replicaset'].includes(workload.kind);
  if (!isScalable || workload.replicas > 0) return true;
  const { metadata, status } = workload.object as StatefulSet | Deployment | ReplicaSet;
  return (status?.replicas ?? 0) > 0 || (status?.observedGeneration ?? 0) < (metadata.generation ?? 0);
}

/** What the pod template, the claim templates and the wanted replicas say, whether or not a pod exists now. */
export function plannedClaimNames(workload: Workload): string[] {
  const statefulSet = asStatefulSet(workload);
  const templates = statefulSet === undefined ? [] : claimTemplateNames(statefulSet);
  const named = (podSpecOf(workload.object)?.volumes ?? [])
    // A claim template takes the place of a pod template's volume of the same name (updateStorage there).
    .filter(({ name }) => !templates.includes(name))
    .flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []);
  if (statefulSet === undefined) return named;
  const start = statefulSet.spec?.ordinals?.start ?? 0;
  const ordinals = Array.from({ length: workload.replicas }, (_, index) => start + index);
  const ofOrdinal = (ordinal: number): string[] =>
    templates.map((template) => claimName(template, statefulSet.metadata.name, ordinal));
  return [...named, ...ordinals.flatMap(ofOrdinal)];
}

/** The claims that one pod mentions, those of its ephemeral volumes too. */
export function claimNamesInPod(pod: Pod): string[] {
  const named = (pod.spec?.volumes ?? []).flatMap(
    ({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? [],
  );
  return [...named, ...ephemeralClaimNames(pod)];
}

/** k8s.io/component-helpers/storage/ephemeral, VolumeClaimName. */
export function ephemeralClaimNames(pod: Pod): string[] {
  const ephemeral = (pod.spec?.volumes ?? []).filter((volume) => volume.ephemeral !== undefined);
  return ephemeral.map(({ name }) => `${pod.metadata.name}-${name}`);
}

/** The claims that a StatefulSet scaled to 0 finds again when it is scaled up. */
function leftClaimNames(statefulSet: StatefulSet, claims: readonly Claim[]): string[] {
  const prefixes = claimTemplateNames(statefulSet).map((template) => `${template}-${statefulSet.metadata.name}-`);
  const start = statefulSet.spec?.ordinals?.start ?? 0;
  return claims
    .filter((claim) => mayBelong(claim, statefulSet))
    .map((claim) => claim.metadata.name)
    .filter((name) =>
      prefixes.some((prefix) => name.startsWith(prefix) && isOrdinal(name.slice(prefix.length), start)),
    );
}

/**
 * StatefulSet `a` with a template `data-b` and StatefulSet `b-a` with a template `data` make the same names. The
 * controller puts the selector's matchLabels on every claim it makes (getPersistentVolumeClaims, below): another
 * value under one of those keys tells that the claim is another's. A claim made by hand may lack them.
 */
function mayBelong(claim: Claim, statefulSet: StatefulSet): boolean {
  const labels = claim.metadata.labels ?? {};
  const wanted = Object.entries(statefulSet.spec?.selector.matchLabels ?? {});
  return wanted.every(([key, value]) => (labels[key] ?? value) === value);
}

function isOrdinal(text: string, start: number): boolean {
  return /^(0|[1-9]\d*)$/.test(text) && Number(text) >= start;
}

/** pkg/controller/statefulset/stateful_set_utils.go of Kubernetes, getPersistentVolumeClaimName. */
function claimName(template: string, statefulSet: string, ordinal: number): string {
  return `${template}-${statefulSet}-${ordinal}`;
}

function claimTemplateNames(statefulSet: StatefulSet): string[] {
  return (statefulSet.spec?.volumeClaimTemplates ?? []).flatMap(({ metadata }) => metadata?.name ?? []);
}

function podSpecOf({ spec }: WorkloadObject): PodSpec | undefined {
  return spec !== undefined && 'template' in spec ? spec.template.spec : (spec as PodSpec | undefined);
}
