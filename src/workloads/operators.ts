/** How the operator of a custom resource is told to leave it alone, or to stop it. */
import type { KubeObject } from '../cluster/objects.ts';
import type { Resource } from '../cluster/resources.ts';
import { groupOf } from './group-of.ts';
import { operatorEntries } from './operator-entries.ts';
import type { FieldChange, Json, Owner, OwnerCondition } from './owner.ts';
import { ownerResource } from './owner.ts';
import { valueAt } from './value-at.ts';

/** One row of the table: what holds for every custom resource of these kinds. */
export interface OperatorEntry {
  /** Its name for people. */
  operator: string;
  group: string;
  kinds: readonly string[];
  /** It is meant for objects that have this field, with this value if one is given. Absent: for all. */
  where?: { path: readonly string[]; is?: Json };
  how: 'pause' | 'shutdown';
  changes: readonly { path: readonly string[]; during: Json }[];
  proof?: OwnerCondition;
  ready?: OwnerCondition;
  /** What was shut down is started by nobody but a person. */
  staysOff?: true;
  /** It brings pods back in spite of the pause. */
  needsOperatorStopped?: true;
}

/** By API group and kind, whatever the version; undefined for one that no entry of the table is meant for. */
export function operatorEntryOf(object: KubeObject): OperatorEntry | undefined {
  const group = groupOf(object);
  return operatorEntries.find(
    (entry) => entry.group === group && entry.kinds.includes(object.kind) && isMeant(object, entry),
  );
}

function isMeant(object: KubeObject, { where }: OperatorEntry): boolean {
  if (where === undefined) return true;
  const value = valueAt(object, where.path);
  return value !== undefined && (where.is === undefined || where.is === value);
}

/**
 * The custom resource with what is to be changed on it. What is so already isn't among the changes: it was somebody
 * else's doing, and stays.
 */
export function resourceOwner(object: KubeObject, resource: Resource, entry: OperatorEntry): Owner {
  const { namespace, name, uid = '' } = object.metadata;
  return {
    role: 'resource',
    resource: ownerResource(resource),
    ...(namespace !== undefined && { namespace }),
    name,
    uid,
    changes: entry.changes.flatMap(({ path, during }) => changeOf(object, path, during)),
    how: entry.how,
    ...(entry.proof !== undefined && { proof: entry.proof }),
    ...(entry.ready !== undefined && { ready: entry.ready }),
  };
}

/**
 * The custom resource that a StrimziPodSet is made for. Its ownerReference leads to a KafkaNodePool, which names its
 * Kafka by label alone (strimzi-kafka-operator, StrimziPodSetController.findCustomResource and KafkaPool).
 * @returns untrusted text: labels are written by whoever may write the object
 */
export function namedByLabels(object: KubeObject): { group: string; kind: string; name: string } | undefined {
  const found = strimziLabels.get(`${groupOf(object)} ${object.kind}`);
  if (found === undefined) return undefined;
  const labels = object.metadata.labels ?? {};
  const kind = object.kind === 'KafkaNodePool' ? 'Kafka' : labels[`${found.prefix}/kind`];
  const name = labels[`${found.prefix}/cluster`];
  return kind !== undefined && name !== undefined ? { group: found.group, kind, name } : undefined;
}

/** By the group and kind of the object: the prefix of its labels, and the group of what they name. */
const strimziLabels: ReadonlyMap<string, { prefix: string; group: string }> = new Map([
  ['core.strimzi.io StrimziPodSet', { prefix: 'strimzi.io', group: 'kafka.strimzi.io' }],
  ['kafka.strimzi.io KafkaNodePool', { prefix: 'strimzi.io', group: 'kafka.strimzi.io' }],
  ['core.eventstreams.ibm.com StrimziPodSet', { prefix: 'eventstreams.ibm.com', group: 'eventstreams.ibm.com' }],
  ['eventstreams.ibm.com KafkaNodePool', { prefix: 'eventstreams.ibm.com', group: 'eventstreams.ibm.com' }],
]);

function changeOf(object: KubeObject, path: readonly string[], during: Json): FieldChange[] {
  const before = valueAt(object, path);
  if (before === during) return [];
  return [{ path: [...path], ...(before !== undefined && { before }), during }];
}
