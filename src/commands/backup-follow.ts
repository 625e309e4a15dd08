/** Waits for a backup with a line per claim, and says what it holds when it has ended. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Right } from '../cluster/access.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Snapshot } from '../cluster/objects.ts';
import { readableBytes } from '../cluster/quantity.ts';
import { CancelledError, FailedError, RefusedError, isClusterError } from '../errors.ts';
import { memberOf, problemOf, stateOf } from '../sets/member.ts';
import { seconds } from '../terminal/age.ts';
import type { Output } from '../terminal/output.ts';
import { openProgress } from '../terminal/progress.ts';
import { makeBackup, untilEnded } from '../velero/follow-backup.ts';
import type { Backup } from '../velero/resources.ts';
import { backups, downloadRequests } from '../velero/resources.ts';
import { takesCsiSnapshots } from '../velero/server-state.ts';
import { readStored } from '../velero/stored-set.ts';
import type { Verdict } from '../velero/verdict.ts';
import { verdictOf } from '../velero/verdict.ts';
import { skewMsOf } from '../velero/volumes.ts';
import type { Invocation } from './command.ts';
import { formatOf, timeoutMsOf } from './flags.ts';
import { printResult } from './print.ts';
import { storeAddressOf } from './velero-flags.ts';

export function rightsToFollow(home: string): Right[] {
  const rights = (verbs: readonly Right['verb'][], resource: Right['resource']): Right[] =>
    verbs.map((verb) => ({ verb, resource, namespace: home }));
  return [...rights(['get', 'list', 'watch'], backups), ...rights(['create', 'list', 'watch'], downloadRequests)];
}

interface Target {
  /** Where its claims are. */
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
  output.note(`Velero takes ${name} of ${target.namespaces.map((one) => `namespace ${one}`).join(', ')}\n\n`);
  const isWaiting = args.wait !== false;
  const ended = isWaiting ? await wait(invocation, cluster, made, target) : undefined;
  const verdict = ended && (await judge(invocation, cluster, ended, target));
  if (verdict !== undefined) say(output, verdict, performance.now() - startedAtMs);
  await printResult(output, {
    format: formatOf(args),
    dryRun: 'none',
    name: `backup.velero.io/${name}`,
    verb: 'created',
    items: [ended ?? made],
  });
  if (verdict !== undefined && verdict.problems.length > 0) throw failed(ended ?? made, verdict);
}

async function wait(
  { args, output, cancelled }: Invocation,
  cluster: Cluster,
  made: Backup,
  { namespaces }: Target,
): Promise<Backup> {
  const { name } = made.metadata;
  const progress = openProgress(output, { columns: ['CLAIM', 'CLASS', 'STATE'] });
  const startedAtMs = Date.now();
  let last = 'New';
  const onChange = (phase: string, taken: readonly Snapshot[]): void => {
    last = phase;
    for (const snapshot of taken) progress.set(...rowOf(snapshot));
    progress.set('', [name, '', phase], 'busy', startedAtMs);
  };
  const deadline = AbortSignal.timeout(timeoutMsOf(args));
  try {
    return await untilEnded(cluster, made, namespaces, { signal: AbortSignal.any([cancelled, deadline]), onChange });
  } catch (error) {
    const look = `It goes on; see how far it is: kubectl pvsnap describe set/velero/${name} -n ${namespaces[0] ?? ''}`;
    if (error instanceof CancelledError) throw new CancelledError(`stopped waiting for ${name}. ${look}`);
    if (!deadline.aborted) throw error;
    const idle = last === 'New' ? ' No server has begun with it: kubectl pvsnap doctor velero.' : '';
    throw new FailedError(`${name} is ${last}, and has not ended within --timeout.${idle} ${look}`);
  } finally {
    progress.close();
  }
}

function rowOf(snapshot: Snapshot): [string, string[], 'good' | 'busy' | 'bad'] {
  const member = memberOf(snapshot, undefined);
  const state = stateOf(member);
  // Velero takes the object away once it has the handle.
  const isTaken = state === 'ready' || state === 'deleting';
  const { volumeSnapshotClassName = '' } = snapshot.spec;
  const detail = state === 'retrying' ? [`driver: ${problemOf(member) ?? 'no reason given'}`] : [];
  const tone = isTaken ? 'good' : state === 'retrying' ? 'bad' : 'busy';
  return [member.claim, [member.claim, volumeSnapshotClassName, isTaken ? 'ready' : state, ...detail], tone];
}

/** The files are in the store a moment after the backup says that it has ended. */
const fileTries = 5;

async function judge({ args }: Invocation, cluster: Cluster, ended: Backup, { expected }: Target): Promise<Verdict> {
  const { name, namespace: home = '' } = ended.metadata;
  const isCsiEnabled = await takesCsiSnapshots(cluster, home);
  const access = { veleroNamespace: home, storeAddress: storeAddressOf(args) };
  for (let attempt = 1; ; attempt++) {
    const { volumes } = await readStored(cluster, `velero/${name}`, access);
    if (volumes !== undefined || attempt === fileTries || ended.status?.phase === 'FailedValidation') {
      return verdictOf(ended, { expected, volumes, isCsiEnabled });
    }
    await pause(500 * attempt);
  }
}

function say(output: Output, { claims, held, notes }: Verdict, elapsedMs: number): void {
  const skewMs = skewMsOf(held);
  const size = held.reduce((sum, { snapshot }) => sum + (snapshot?.sizeBytes ?? 0), 0);
  const parts = [
    `${held.length} of ${claims} claims have a snapshot in ${seconds(elapsedMs)}`,
    ...(skewMs === undefined ? [] : [`skew ${seconds(skewMs)}`]),
    readableBytes(size),
  ];
  output.note(parts.join(', '));
  for (const note of notes) output.note(note);
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
