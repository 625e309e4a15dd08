/**
 * Objects that Velero's restores leave behind for ever: a static snapshot and its content, which point at a snapshot on
 * storage and don't own it (Retain). And those whose backup is gone: its deletion took the snapshot on storage along, and
 * the objects still say ready.
 */
import { compareNatural } from '../../cluster/natural-order.ts';
import type { Claim, Content, KubeObject, Snapshot } from '../../cluster/objects.ts';
import type { Finding } from '../../errors.ts';
import type { Backup } from '../resources.ts';
import { backupLabel } from '../resources.ts';

/** A snapshot with its content, or one that has lost the other. */
export interface Leftover {
  kind: 'restore' | 'deleted backup';
  /** Of the snapshot, or that the content says it is of. */
  namespace: string;
  snapshot?: { name: string; uid: string };
  content?: { name: string; uid: string; handle: string; driver: string; deletionPolicy: 'Delete' | 'Retain' };
  backup: string;
  restore?: string;
}

export interface Leftovers {
  /** That nothing needs any more. */
  removable: Leftover[];
  /** That something needs, or that are not what they seem. */
  kept: Finding[];
}

export interface Observed {
  /** All that there are, as far as the user may see: also those that are not Velero's. */
  snapshots: readonly Snapshot[];
  contents: readonly Content[];
  claims: readonly Claim[];
  backups: readonly Backup[];
  restores: readonly VeleroRestore[];
  /** Whether these are the restores of all Veleros. */
  seesAllRestores: boolean;
  nowMs: number;
}

export interface VeleroRestore extends KubeObject {
  status?: { phase?: string };
}

const restoreLabel = 'velero.io/restore-name';
const ended = ['Completed', 'PartiallyFailed', 'Failed', 'FailedValidation'];
/** What a restore made so long ago, it needs no more. */
const longRestoreMs = 24 * 3_600_000;
/** Of other tools and of ours: what carries one is theirs, whoever brought it back. */
const foreign = ['pvsnap.io/', 'snapscheduler.backube/'];

/** Pure. */
export function leftoversIn(observed: Observed): Leftovers {
  const contents = new Map(observed.contents.map((content) => [content.metadata.name, content]));
  const known = new Set(observed.snapshots.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`));
  const pairs: Pair[] = [
    ...observed.snapshots.filter(isStatic).map((snapshot) => {
      const content = contents.get(snapshot.spec.source.volumeSnapshotContentName ?? '');
      return content === undefined ? { snapshot } : { snapshot, content };
    }),
    ...observed.contents
      .filter((content) => isStaticContent(content) && !known.has(referenceOf(content)))
      .map((content) => ({ content })),
  ];
  const found: Leftovers = { removable: [], kept: [] };
  for (const pair of pairs) {
    const leftover = leftoverOf(pair, observed);
    if (leftover === undefined) continue;
    const problem = whyKept(pair, observed.claims);
    if (problem === undefined) found.removable.push(leftover);
    else found.kept.push({ about: nameOf(leftover), ...problem });
  }
  found.removable.sort((a, b) => compareNatural(nameOf(a), nameOf(b)));
  return found;
}

/** As it is called to people. */
export function nameOf({ namespace, snapshot, content }: Leftover): string {
  return snapshot === undefined ? `content ${content?.name ?? ''}` : `${namespace}/${snapshot.name}`;
}

interface Pair {
  snapshot?: Snapshot;
  content?: Content;
}

function isStatic({ metadata, spec }: Snapshot): boolean {
  return spec.source.volumeSnapshotContentName !== undefined && isVeleros(metadata);
}

/**
 * Velero deletes a snapshot on storage by a content of its own, for a snapshot that never was, of the policy Delete. It
 * must not be made Retain: nobody would delete that snapshot then.
 */
function isStaticContent({ metadata, spec }: Content): boolean {
  const { namespace = '', name = '' } = spec.volumeSnapshotRef;
  const isDeletion = namespace.startsWith('ns-') && name.startsWith('name-');
  return spec.source.snapshotHandle !== undefined && !isDeletion && isVeleros(metadata);
}

function isVeleros({ labels = {}, deletionTimestamp, ownerReferences = [] }: KubeObject['metadata']): boolean {
  const isForeign = Object.keys(labels).some((key) => foreign.some((prefix) => key.startsWith(prefix)));
  return (
    labels[backupLabel] !== undefined && deletionTimestamp === undefined && ownerReferences.length === 0 && !isForeign
  );
}

function referenceOf({ spec: { volumeSnapshotRef } }: Content): string {
  return `${volumeSnapshotRef.namespace ?? ''}/${volumeSnapshotRef.name ?? ''}`;
}

function leftoverOf({ snapshot, content }: Pair, observed: Observed): Leftover | undefined {
  const { metadata } = snapshot ?? content ?? {};
  if (metadata === undefined) return undefined;
  const [backup = '', restore] = [metadata.labels?.[backupLabel], metadata.labels?.[restoreLabel]];
  const hasBackup = observed.backups.some((one) => one.metadata.name === backup);
  if (restore === undefined ? hasBackup : mayRun(restore, metadata, observed)) return undefined;
  return {
    kind: hasBackup ? 'restore' : 'deleted backup',
    namespace: snapshot?.metadata.namespace ?? content?.spec.volumeSnapshotRef.namespace ?? '',
    ...(snapshot && { snapshot: { name: snapshot.metadata.name, uid: snapshot.metadata.uid ?? '' } }),
    ...(content && { content: contentOf(content) }),
    backup,
    ...(restore !== undefined && { restore }),
  };
}

/**
 * A restore that isn't there was deleted, as those of a deleted backup are; or it is another Velero's, which the user may not
 * see: then it may run still.
 */
function mayRun(name: string, { creationTimestamp = '' }: KubeObject['metadata'], observed: Observed): boolean {
  const seen = observed.restores.filter(({ metadata }) => metadata.name === name);
  const isYoung = observed.nowMs - Date.parse(creationTimestamp) < longRestoreMs;
  if (seen.length === 0) return !observed.seesAllRestores && isYoung;
  return seen.some(({ status }) => !ended.includes(status?.phase ?? ''));
}

function contentOf({ metadata, spec, status }: Content): NonNullable<Leftover['content']> {
  const { deletionPolicy, driver, source } = spec;
  const handle = status?.snapshotHandle ?? source.snapshotHandle ?? '';
  return { name: metadata.name, uid: metadata.uid ?? '', handle, driver, deletionPolicy };
}

/** Also asked right before it is deleted. @returns undefined when nothing speaks against it */
export function whyKept({ snapshot, content }: Pair, claims: readonly Claim[]): Omit<Finding, 'about'> | undefined {
  if (content !== undefined) {
    const problem = whyContentKept(content, snapshot);
    if (problem !== undefined) return { problem, remedy: 'look at it by hand; doctor leaves it alone' };
  }
  const waiting = snapshot && claims.find((claim) => isWaitingFor(claim, snapshot));
  if (waiting === undefined) return undefined;
  const { name, namespace = '' } = waiting.metadata;
  return {
    problem: `claim ${name} is still ${waiting.status?.phase ?? 'Pending'}, and is made from it`,
    remedy: `wait until it is Bound: kubectl get pvc -n ${namespace} ${name} -w`,
  };
}

function whyContentKept(content: Content, snapshot: Snapshot | undefined): string | undefined {
  if (content.spec.source.snapshotHandle === undefined)
    return `its content ${content.metadata.name} owns a snapshot on storage`;
  if (!isVeleros(content.metadata)) return `its content ${content.metadata.name} is not Velero's, or is being deleted`;
  if (snapshot === undefined) return undefined;
  const { namespace = '', name, uid } = snapshot.metadata;
  const isOther =
    referenceOf(content) !== `${namespace}/${name}` || (content.spec.volumeSnapshotRef.uid ?? uid) !== uid;
  const bound = snapshot.status?.boundVolumeSnapshotContentName ?? content.metadata.name;
  return isOther || bound !== content.metadata.name
    ? `its content ${content.metadata.name} is of another snapshot`
    : undefined;
}

/** A claim that is Bound has its data, and needs the snapshot no more. */
function isWaitingFor({ metadata, spec, status }: Claim, { metadata: { name, namespace } }: Snapshot): boolean {
  const home = metadata.namespace;
  const sources = [spec?.dataSource && { ...spec.dataSource, namespace: home }, spec?.dataSourceRef];
  const isFromIt = sources.some(
    (source) => source?.kind === 'VolumeSnapshot' && source.name === name && (source.namespace ?? home) === namespace,
  );
  return isFromIt && (status?.phase ?? 'Pending') === 'Pending';
}
