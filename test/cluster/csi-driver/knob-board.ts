// The driver's side of the knobs: which ones hold for a claim, waiting as they say, failing as they say.
import { EventEmitter, once } from 'node:events';
import { watch } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { knobFile } from './knobs.ts';
import type { Failure, Knobs, Setting } from './knobs.ts';
import { readJson } from './records.ts';
import { RpcError } from './rpc.ts';
import { knobsDir } from './state-dir.ts';

/** The claim that a volume was provisioned for; undefined when the provisioner didn't say. */
export type Claim = { namespace: string; name: string } | undefined;
type FailureKnob = { [K in keyof Knobs]-?: NonNullable<Knobs[K]> extends Failure ? K : never }[keyof Knobs];

export interface KnobBoard {
  valuesFor(claim: Claim): Promise<Knobs>;
  /**
   * Waits until no claim has time left by its knobs, which are read anew whenever one is turned.
   * @param msLeft Infinity for a hang
   */
  waitOut(claims: Claim[], msLeft: (knobs: Knobs) => number, signal: AbortSignal): Promise<void>;
  /** @throws RpcError when the knob is set for a claim and its `times` are not used up */
  failIfTold(claims: Claim[], knob: FailureKnob): Promise<void>;
  close(): void;
}

export function openKnobBoard(stateDir: string): KnobBoard {
  const turns: Turns = { events: new EventEmitter().setMaxListeners(0), count: 0 };
  const watcher = watch(knobsDir(stateDir), () => {
    turns.count += 1;
    turns.events.emit('turn');
  });
  const timesUsed = new Map<string, number>();
  const valuesFor = async (claim: Claim) => merged(await settingsFor(stateDir, claim));
  return {
    valuesFor,
    waitOut: (claims, msLeft, signal) => {
      const longestMsLeft = async () => Math.max(...(await Promise.all(claims.map(valuesFor))).map(msLeft));
      return waitOut(turns, longestMsLeft, signal);
    },
    failIfTold: async (claims, knob) => {
      for (const claim of claims) failOnce(await settingsFor(stateDir, claim), knob, timesUsed);
    },
    close: () => {
      watcher.close();
    },
  };
}

interface Turns {
  events: EventEmitter;
  count: number;
}

async function waitOut(turns: Turns, msLeft: () => Promise<number>, signal: AbortSignal): Promise<void> {
  for (;;) {
    const seenCount = turns.count;
    const leftMs = await msLeft();
    if (leftMs <= 0) return;
    // A knob turned while the files were read: they may be old already.
    if (turns.count === seenCount) await turnOrTimeout(turns.events, leftMs, signal);
  }
}

const longestTimeoutMs = 2 ** 31 - 1;

async function turnOrTimeout(events: EventEmitter, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const decided = new AbortController();
  const either = AbortSignal.any([signal, decided.signal]);
  try {
    await Promise.race([
      once(events, 'turn', { signal: either }),
      // Not a reason for a driver that was told to stop to stay alive.
      setTimeout(Math.min(timeoutMs, longestTimeoutMs), undefined, { signal: either, ref: false }),
    ]);
  } finally {
    decided.abort();
  }
}

function failOnce(narrowestFirst: Setting[], knob: FailureKnob, timesUsed: Map<string, number>): void {
  const setting = narrowestFirst.find(({ knobs }) => knobs[knob] !== undefined);
  const failure = setting?.knobs[knob];
  if (setting === undefined || failure === undefined) return;
  const counter = `${setting.id} ${knob}`;
  const used = timesUsed.get(counter) ?? 0;
  if (used >= (failure.times ?? Infinity)) return;
  timesUsed.set(counter, used + 1);
  throw new RpcError(failure.code, failure.message);
}

/** Narrowest scope first. */
async function settingsFor(stateDir: string, claim: Claim): Promise<Setting[]> {
  const scopes = claim === undefined ? ['*'] : [`${claim.namespace}/${claim.name}`, claim.namespace, '*'];
  const settings = await Promise.all(scopes.map((scope) => readJson<Setting>(knobFile(stateDir, scope))));
  return settings.filter((setting) => setting !== undefined);
}

function merged(narrowestFirst: Setting[]): Knobs {
  return Object.assign({}, ...narrowestFirst.map(({ knobs }) => knobs).reverse()) as Knobs;
}
