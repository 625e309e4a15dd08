/** Which calls suffer what: all of it, or a spread of it that takes minutes. */
import type { Call } from './call.ts';
import type { FaultName } from './faults.ts';
import { faultNames, faultOf } from './faults.ts';
import type { Harm } from './proxy.ts';
import type { VerbName } from './verbs.ts';
import type { WayOut } from './way-out.ts';

export interface Case {
  verb: VerbName;
  harms: readonly Harm[];
  /** Taken when the operation is left open. */
  prefer: WayOut;
}

/** @param calls of one verb, as a run without a fault made them */
export type Choose = (verb: VerbName, calls: readonly Call[]) => Case[];

/** Every fault at every call, one at a time. */
export const everyCase: Choose = (verb, calls) =>
  calls.flatMap(({ key: call, isWatch }, index) =>
    faultsFor(isWatch).map((fault, turn) => ({ verb, harms: [{ call, fault }], prefer: preferred(index + turn) })),
  );

/** Every `parts`-th of these cases, evenly over calls and faults. @param part from 1 */
export function partOf(choose: Choose, part: number, parts: number): Choose {
  return (verb, calls) => choose(verb, calls).filter((_, index) => index % parts === part - 1);
}

/**
 * Every call once, with one fault after the other, and every fault at least once. Always the same ones, so that a
 * failure comes back when it is looked for. Five of six reads suffer what the program outlives, and share a run with
 * what comes after them.
 */
export const spreadOfCases: Choose = (verb, calls) => {
  const runs: Harm[][] = [[]];
  calls.forEach(({ key: call, isWatch }, index) => {
    const isShared = isRead(call) && index % 6 !== 5;
    const suited = isShared ? outlivedBy(index) : faultsFor(isWatch);
    // 5 shares no factor with the number of faults, so that neighbours suffer from different ones.
    runs.at(-1)?.push({ call, fault: suited[(index * 5) % suited.length] ?? 'refuse' });
    if (!isShared) runs.push([]);
  });
  const harms = [...runs, ...untriedIn(runs.flat(), calls)].filter(({ length }) => length > 0);
  return harms.map((shared, index) => ({ verb, harms: shared, prefer: preferred(index) }));
};

/** Who owns what, and how it is kept from acting. */
const isOfOwners = /eventstreams|operators\.coreos\.com|keda|\/es-operator|name=es-operator|\/scale/;

/** The same for the calls that an operator has brought; and those that write on it suffer the worst of it too. */
export const spreadOfOwners: Choose = (verb, calls) => {
  const ours = calls.filter(({ key }) => isOfOwners.test(key));
  const writes = ours.filter(({ key }) => key.startsWith('PATCH deployments/'));
  return [...spreadOfCases(verb, ours), ...worstOf(verb, writes)];
};

/** Velero's files, and the objects that stand for its snapshots. */
const isOfBackups = /^\w+ (backups|backupstoragelocations|downloadrequests|volumesnapshots|volumesnapshotcontents)\b/;

/** The same for the calls that a backup as the source brings; and the writes among them suffer the worst of it too. */
export const spreadOfBackups: Choose = (verb, calls) => {
  const ours = calls.filter(({ key }) => isOfBackups.test(key) || / phase=(import|stage|tidy) /.test(key));
  const writes = ours.filter(({ key }) => /^(POST|PATCH|DELETE) volumesnapshot/.test(key) && !key.includes('dryRun'));
  return [...spreadOfCases(verb, ours), ...worstOf(verb, writes)];
};

/**
 * Every watch of what is an operation or commits one, with everything that only a watch can suffer. One that is cut, or
 * that has lost its place, is asked for again, so that all of a run may suffer it. One that stalls may be waited for to
 * the deadline: after it, no other comes.
 */
export const spreadOfWatches: Choose = (verb, calls) => {
  if (verb === 'create') return [];
  const watches = calls.filter(({ isWatch }) => isWatch).map(({ key }) => key);
  const stalls = watches.map((call): Harm[] => [{ call, fault: 'stall the watch' }]);
  const endings: FaultName[] = ['cut the watch', 'gone in the watch'];
  const shared = endings.map((_, turn) =>
    watches.map((call, index): Harm => ({ call, fault: endings[(index + turn) % endings.length] ?? 'cut the watch' })),
  );
  return [...shared, ...stalls].map((harms, index) => ({ verb, harms, prefer: preferred(index) }));
};

function worstOf(verb: VerbName, writes: readonly Call[]): Case[] {
  const worst: FaultName[] = ['kill before', 'kill after', 'drop after', '409', '500', '500 after'];
  return writes.flatMap(({ key: call }, index) =>
    worst.map((fault, turn) => ({ verb, harms: [{ call, fault }], prefer: preferred(index + turn) })),
  );
}

function untriedIn(tried: readonly Harm[], calls: readonly Call[]): Harm[][] {
  const untried = faultNames.filter((fault) => tried.every((harm) => harm.fault !== fault));
  return untried.flatMap((fault, index) => {
    const suited = calls.filter(({ isWatch }) => faultsFor(isWatch).includes(fault));
    const call = suited.at((index * 5) % suited.length);
    return call === undefined ? [] : [[{ call: call.key, fault }]];
  });
}

function faultsFor(isWatch: boolean): FaultName[] {
  return faultNames.filter((name) => isWatch || faultOf(name).watchOnly !== true);
}

function isRead(call: string): boolean {
  return /^(GET|POST selfsubjectaccessreviews) /.test(call);
}

/** A server that has not answered yet is not waited for: its address may be wrong. */
function outlivedBy(index: number): FaultName[] {
  return index < 10 ? ['429'] : ['429', '503', 'drop before', 'drop after'];
}

function preferred(turn: number): WayOut {
  return turn % 2 === 0 ? 'resume' : 'undo';
}
