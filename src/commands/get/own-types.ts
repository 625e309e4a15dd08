/** Types that are none of the API's, but are printed as if they were: sets and operations. */
import type { Cluster } from '../../cluster/cluster.ts';
import type { JsonObject } from '../../cluster/json.ts';
import type { Resource } from '../../cluster/resources.ts';
import type { Operation, OperationScope } from '../../restore/operations.ts';
import { readOperations, watchOperations } from '../../restore/read-operations.ts';
import type { SetScope } from '../../sets/read.ts';
import type { SnapshotSet } from '../../sets/set.ts';
import { sharedLabels } from '../../sets/set.ts';
import type { IsAlarming } from '../../terminal/table.ts';
import type { AllSetsScope } from '../../velero/sets.ts';
import { readAllSets, watchAllSets } from '../../velero/sets.ts';
import { asObject, isAlarming, shownCells, tableOf } from './operation-documents.ts';
import {
  asObject as setAsObject,
  isAlarming as isAlarmingSet,
  shownCells as shownSetCells,
  tableOf as tableOfSets,
} from './set-documents.ts';

export interface OwnType<T extends Named> {
  resource: Resource;
  read(cluster: Cluster, scope: AllSetsScope & OperationScope): Promise<T[]>;
  /** MODIFIED may come where nothing of what is shown has changed. */
  watch(
    cluster: Cluster,
    scope: SetScope & OperationScope,
    known: readonly T[],
    signal: AbortSignal,
  ): AsyncIterable<{ type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: T }>;
  tableOf(shown: readonly T[]): JsonObject;
  asObject(one: T): JsonObject;
  /** What a row shows of it, without its age. */
  shownCells(one: T, isWide: boolean): string[];
  labelsOf(one: T): Record<string, string>;
  isAlarming: IsAlarming;
}

export interface Named {
  name: string;
  namespace: string;
}

export const ownTypes = {
  sets: {
    resource: ownResource('SnapshotSet', ['sets', 'set']),
    read: readAllSets,
    watch: watchAllSets,
    tableOf: tableOfSets,
    asObject: setAsObject,
    shownCells: shownSetCells,
    labelsOf: sharedLabels,
    isAlarming: isAlarmingSet,
  } satisfies OwnType<SnapshotSet>,
  operations: {
    resource: ownResource('Operation', ['ops', 'op']),
    read: readOperations,
    watch: watchOperations,
    tableOf,
    asObject,
    shownCells,
    labelsOf: ({ labels }) => labels,
    isAlarming,
  } satisfies OwnType<Operation>,
};

function ownResource(kind: string, shortNames: string[]): Resource {
  const singular = kind.toLowerCase();
  return { group: '', version: 'v1', plural: `${singular}s`, singular, kind, shortNames, namespaced: true };
}
