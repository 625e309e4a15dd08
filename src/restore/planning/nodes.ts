/** Which nodes a volume may be used on: the rules of NodeSelector, k8s.io/component-helpers/scheduling/corev1. */
import type { Node, Volume } from '../../cluster/objects.ts';
import type { Requirement } from '../../cluster/requirement.ts';
import { meets } from '../../cluster/requirement.ts';

type NodeRequirement = Requirement & { key: string };

const mostOthers = 3;
/** They are written into the plan, for each claim: of a large cluster not all. */
const most = 100;

/**
 * Nodes to provision a claim for, the best first: that of the pod that uses it, as long as it is there and allowed. It
 * may go or be full before its turn comes, so a few follow that are in the same place for the volume's storage. Each claim
 * of a pod is tried by itself: in another place than its siblings, the pod could use none of them. Without a volume, or
 * where it doesn't tell, nobody knows what a place is: then the pod's own node is the only one.
 * @param nodes undefined when the user may not list them: then the pod is believed
 */
export function nodesToTry(
  volume: Volume | undefined,
  podNode: string | undefined,
  nodes: readonly Node[] | undefined,
): string[] {
  if (nodes === undefined) return podNode === undefined ? [] : [podNode];
  const allowed = nodesFor(volume, nodes);
  const own = allowed.find(({ metadata }) => metadata.name === podNode);
  if (own === undefined) return namesOf(allowed.slice(0, most));
  const keys = placeKeys(volume);
  const others = allowed.filter((node) => node !== own && areTogether(own, node, keys));
  return namesOf([own, ...others.slice(0, mostOthers)]);
}

function namesOf(nodes: readonly Node[]): string[] {
  return nodes.map(({ metadata }) => metadata.name);
}

/** The labels that tell where the volume can be used; undefined when other things do, or nothing does. */
function placeKeys(volume: Volume | undefined): string[] | undefined {
  const terms = volume?.spec?.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  if (terms.length === 0 || terms.some(({ matchFields = [] }) => matchFields.length > 0)) return undefined;
  return terms.flatMap(({ matchExpressions = [] }) => matchExpressions.map(({ key }) => key));
}

function areTogether(one: Node, other: Node, keys: readonly string[] | undefined): boolean {
  return keys?.every((key) => one.metadata.labels?.[key] === other.metadata.labels?.[key]) === true;
}

/** Schedulable nodes that the volume's node affinity allows, by name. Without a volume, all schedulable nodes. */
export function nodesFor(volume: Volume | undefined, nodes: readonly Node[]): Node[] {
  const terms = volume?.spec?.nodeAffinity?.required?.nodeSelectorTerms;
  return nodes
    .filter((node) => node.spec?.unschedulable !== true)
    .filter((node) => terms === undefined || terms.some((term) => fits(node, term)))
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

/** A term without any requirement matches nothing. */
function fits(node: Node, term: { matchExpressions?: NodeRequirement[]; matchFields?: NodeRequirement[] }): boolean {
  const expressions = term.matchExpressions ?? [];
  const fields = term.matchFields ?? [];
  if (expressions.length + fields.length === 0) return false;
  const labels = node.metadata.labels ?? {};
  return (
    expressions.every((requirement) => meets(labels[requirement.key], requirement)) &&
    fields.every((requirement) => requirement.key === 'metadata.name' && meets(node.metadata.name, requirement))
  );
}
