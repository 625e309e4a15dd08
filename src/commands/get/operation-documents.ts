/** An operation as the API server would write it, were it an object of the API: as a row of a Table, or whole. */
import type { JsonObject } from '../../cluster/json.ts';
import { readableBytes } from '../../cluster/quantity.ts';
import type { Operation } from '../../restore/operations.ts';
import {
  claimsOf,
  hasEnded,
  kindOf,
  parkedOf,
  phaseOf,
  sourceOf,
  targetOf,
  volumeSizeBytes,
} from '../../restore/operations.ts';
import { ownPolicy } from '../../restore/volumes.ts';
import { age } from '../../terminal/age.ts';

/** Of a table: it has not ended. */
export function isAlarming(header: string, cell: string): boolean {
  return header === 'PHASE' && !hasEnded(cell);
}

const columns = ['Name', 'Kind', 'Set', 'Target', 'Phase', 'Claims', 'Parked', 'Age'];
const wideColumns = ['Step', 'Holder', 'Claim names'];

export function tableOf(shown: readonly Operation[]): JsonObject {
  const definitions = [...columns, ...wideColumns].map((name) => ({
    name,
    type: 'string',
    format: name === 'Name' ? 'name' : '',
    priority: columns.includes(name) ? 0 : 1,
  }));
  const rows = shown.map((one) => ({ cells: [...cellsOf(one), ...wideCellsOf(one)], object: asObject(one) }));
  return { kind: 'Table', columnDefinitions: definitions, rows };
}

/** What a row shows of the operation itself: all but its age. */
export function shownCells(one: Operation, isWide: boolean): string[] {
  return [...cellsOf(one).slice(0, -1), ...(isWide ? wideCellsOf(one) : [])];
}

/** `6, 24Gi`; volumes are in no namespace, and not everybody may list them. */
export function parkedText(one: Operation): string {
  const parked = parkedOf(one);
  if (parked === undefined) return '<unknown>';
  const sizeBytes = parked.reduce((sum, volume) => sum + volumeSizeBytes(volume), 0);
  return parked.length === 0 ? '0' : `${parked.length}, ${readableBytes(sizeBytes)}`;
}

function cellsOf(one: Operation): string[] {
  return [
    one.name,
    kindOf(one),
    sourceOf(one) ?? '<unknown>',
    targetOf(one),
    phaseOf(one, Date.now()),
    String(claimsOf(one).length),
    parkedText(one),
    age(Date.now() - one.createdAtMs),
  ];
}

function wideCellsOf(one: Operation): string[] {
  return [one.recorded?.step ?? '<unknown>', one.holder?.identity ?? '<none>', claimsOf(one).join(',')];
}

/** How an operation is written for scripts. docs/objects.md describes the fields. */
export function asObject(one: Operation): JsonObject {
  const { name, namespace, labels, recorded, createdAtMs, holder, volumes } = one;
  const plan = recorded?.plan;
  const object = {
    apiVersion: 'pvsnap.io/v1',
    kind: 'Operation',
    metadata: {
      name,
      namespace,
      labels,
      ...(!Number.isNaN(createdAtMs) && { creationTimestamp: new Date(createdAtMs).toISOString() }),
    },
    spec: {
      kind: kindOf(one),
      set: plan?.kind === 'restore' ? plan.source.name : undefined,
      undoes: plan?.kind === 'undo' ? plan.undoes : undefined,
      target: targetOf(one),
      claims: claimsOf(one),
      steps: plan?.steps,
    },
    status: {
      phase: phaseOf(one, Date.now()),
      step: recorded?.step,
      message: recorded?.message,
      undoneBy: recorded?.undoneBy,
      holder: holder?.identity,
      changedAt: recorded?.changedAt,
      parked: parkedOf(one)?.length,
      parkedBytes: parkedOf(one)?.reduce((sum, volume) => sum + volumeSizeBytes(volume), 0),
      volumes: volumes?.map((marked) => ({
        name: marked.volume.metadata.name,
        role: marked.role,
        claim: marked.manifest.metadata.name,
        sizeBytes: volumeSizeBytes(marked),
        reclaimPolicy: ownPolicy(marked.volume),
      })),
    },
  };
  // What is undefined is not there.
  return JSON.parse(JSON.stringify(object)) as JsonObject;
}
