/** Waits for a backup with a line per claim, and says what it holds when it has ended. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Right } from '../cluster/access.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Snapshot } from '../cluster/objects.ts';
import type { Finding } from '../errors.ts';
import { CancelledError, FailedError, RefusedError, isClusterError } from '../errors.ts';
import { memberOf, problemOf, stateOf } from '../sets/member.ts';
import { openProgress } from '../terminal/progress.ts';
import { shownLines } from '../terminal/text.ts';
import { claimNamespacesOf } from '../velero/backups.ts';
import { makeBackup, untilEnded } from '../velero/follow-backup.ts';
import type { Backup } from '../velero/resources.ts';
import { backups } from '../velero/resources.ts';
import { takesCsiSnapshots } from '../velero/server-state.ts';
import { readStored, rightsToDownload } from '../velero/stored-set.ts';
import type { Verdict } from '../velero/verdict.ts';
import { verdictOf } from '../velero/verdict.ts';
import type { BackupVolume } from '../velero/volumes.ts';
import type { Invocation } from './command.ts';
import { formatOf, timeoutMsOf } from './flags.ts';
import { printResult } from './print.ts';
import { verdictText } from './verdict-text.ts';
import { storeAddressOf } from './velero-flags.ts';

export function rightsToFollow(home: string): Right[] {
  const verbs = ['get', 'list', 'watch'] as const;
  return [...verbs.map((verb): Right => ({ verb, resource: backups, namespace: home })), ...rightsToDownload(home)];
}

interface Target {
  /** Where its claims are, as Velero is asked: none, all of them; with patterns. */
  namespaces: readonly string[];
  /** `namespace/name` of claims that it must hold; empty: what it says that it has. */
  expected: readonly string[];
}

/** @throws FailedError when it holds less than it should; CancelledError: it goes on */
export async function followThrough(
  invocation: Invocation,
  cluster: Cluster,
  backup: Backup,
  target: Target,
): Promise<void> {
  const { args, output } = invocation;
  const { name } = backup.metadata;
  const startedAtMs = performance.now();
  const made = await makeBackup(cluster, backup).catch((error: unknown) => {
    if (!isClusterError(error, 'AlreadyExists')) throw error;
    throw new RefusedError(`Velero has a backup "${name}" already; nothing was made: choose another --name`);
  });
  output.note(`Velero takes ${name} of ${placesText(target.namespaces)}\n\n`);
  const isWaiting = args.wait !== false;
  const ended = isWaiting ? await wait(invocation, cluster, made, target) : undefined;
  const verdict = ended && (await judge(invocation, cluster, ended, target));
  if (verdict !== undefined) output.note(shownLines(verdictText(verdict, performance.now() - startedAtMs)));
  await printResult(output, {
    format: formatOf(args),
    dryRun: 'none',
    name: `backup.velero.io/${name}`,
    verb: 'created',
    items: [ended ?? made],
  });
  if (verdict !== undefined && verdict.problems.length > 0) throw failed(ended ?? made, verdict);
}

function placesText(namespaces: Target['namespaces']): string {
  if (namespaces.length === 0 || namespaces.includes('*')) return 'all namespaces';
  return namespaces.map((one) => `namespace ${one}`).join(', ');
}

async function wait(
  { args, output, cancelled }: Invocation,
  cluster: Cluster,
  made: Backup,
  target: Target,
): Promise<Backup> {
  const { name } = made.metadata;
  const namespaces = claimNamespacesOf(target.namespaces);
  const progress = openProgress(output, { columns: ['CLAIM', 'CLASS', 'STATE'] });
  const startedAtMs = Date.now();
  let last = 'New';
  const onChange = (phase: string, taken: readonly Snapshot[]): void => {
    last = phase;
    for (const snapshot of taken) progress.set(...rowOf(snapshot, namespaces?.length !== 1));
    progress.set('', [name, '', phase], 'busy', startedAtMs);
  };
  const deadline = AbortSignal.timeout(timeoutMsOf(args));
  try {
    return await untilEnded(cluster, made, namespaces, { signal: AbortSignal.any([cancelled, deadline]), onChange });
  } catch (error) {
    const where = namespaces?.[0] === undefined ? '' : ` -n ${namespaces[0]}`;
    const look = `It goes on; see how far it is: kubectl pvsnap describe set/velero/${name}${where}`;
    if (error instanceof CancelledError) throw new CancelledError(`stopped waiting for ${name}. ${look}`);
    if (!deadline.aborted) throw error;
    const idle = last === 'New' ? ' No server has begun with it: kubectl pvsnap doctor velero.' : '';
    throw new FailedError(`${name} is ${last}, and has not ended within --timeout.${idle} ${look}`);
  } finally {
    progress.close();
  }
}

/** @param isNamed with its namespace: claims of several may have the same name */
function rowOf(snapshot: Snapshot, isNamed: boolean): [string, string[], 'good' | 'busy' | 'bad'] {
  const member = memberOf(snapshot, undefined);
  const state = stateOf(member);
  const key = `${snapshot.metadata.namespace ?? ''}/${member.claim}`;
  // Velero takes the object away once it has the handle.
  const isTaken = state === 'ready' || state === 'deleting';
  const { volumeSnapshotClassName = '' } = snapshot.spec;
  const detail = state === 'retrying' ? [`driver: ${problemOf(member) ?? 'no reason given'}`] : [];
  const tone = isTaken ? 'good' : state === 'retrying' ? 'bad' : 'busy';
  const claim = isNamed ? key : member.claim;
  return [key, [claim, volumeSnapshotClassName, isTaken ? 'ready' : state, ...detail], tone];
}

/** The files are in the store a moment after the backup says that it has ended. */
const fileTries = 5;

async function judge({ args }: Invocation, cluster: Cluster, ended: Backup, { expected }: Target): Promise<Verdict> {
  const isCsiEnabled = await takesCsiSnapshots(cluster, ended.metadata.namespace ?? '');
  return verdictOf(ended, { expected, volumes: await volumesIn(cluster, ended, storeAddressOf(args)), isCsiEnabled });
}

/** @returns why they can't be told, where they can't: the backup is there all the same */
async function volumesIn(
  cluster: Cluster,
  { metadata: { name, namespace: veleroNamespace }, status }: Backup,
  storeAddress: string | undefined,
): Promise<BackupVolume[] | string> {
  try {
    for (let attempt = 1; ; attempt++) {
      const { volumes } = await readStored(cluster, `velero/${name}`, { veleroNamespace, storeAddress });
      if (volumes !== undefined) return volumes;
      if (attempt === fileTries || status?.phase === 'FailedValidation') break;
      await pause(500 * attempt);
    }
    return 'its store does not have the file that tells; Velero before 1.13 writes none';
  } catch (error) {
    if (error instanceof RefusedError && error.findings.length > 0) return error.findings.map(sentenceOf).join('; ');
    if (error instanceof FailedError || error instanceof RefusedError) return error.message;
    throw error;
  }
}

function sentenceOf({ about, problem, remedy = '' }: Finding): string {
  return `${about === 'Velero' ? 'Velero ' : ''}${problem}${remedy === '' ? '' : ` (${remedy})`}`;
}

function failed({ metadata: { name }, status }: Backup, { problems }: Verdict): FailedError {
  const lines = problems.map(({ about, problem }) => `  ${about}: ${problem}`);
  const { phase = 'New' } = status ?? {};
  const what =
    phase === 'Completed'
      ? `Velero says that ${name} is Completed; it does not hold what it was made for:`
      : `${name} is ${phase}:`;
  return new FailedError([what, ...lines].join('\n'));
}
