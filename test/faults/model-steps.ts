/** What may happen in a model's run, one step after the other, as plain data. */
import fc from 'fast-check';

/** What people and controllers do to the objects of an application, whatever the program is at. */
const outsides = [
  'write',
  'scale to 0',
  'scale to 1',
  'scale to 2',
  'delete the staging claims',
  'delete the records',
  'delete a claim',
  'make a claim',
  'delete a set',
  'delete the Lease',
  'restore beside it',
  'undo beside it',
] as const;
export type Outside = (typeof outsides)[number];

const crashes = ['kill before', 'kill after', 'drop after', '500 after'] as const;
export type Crash = (typeof crashes)[number];

/** Comes over a verb at one of its calls. */
export interface Storm {
  /** How far the verb is, in hundredths of its calls. */
  at: number;
  what: Crash | Outside;
}

export type Step =
  | { do: 'create' }
  | { do: 'restore'; strategy: 'swap' | 'replace'; set: number; storm: Storm | undefined }
  | { do: 'undo'; which: number; fromParked: boolean; storm: Storm | undefined }
  | { do: 'resume' | 'commit'; which: number; storm: Storm | undefined }
  | { do: Outside };

export function isCrash(what: Storm['what']): what is Crash {
  return crashes.some((crash) => crash === what);
}

/** Without a set there is nothing left to restore: that happens seldom. */
const outside: fc.Arbitrary<Outside> = fc.oneof(
  { arbitrary: fc.constantFrom(...outsides.filter((what) => what !== 'delete a set')), weight: 20 },
  fc.constant('delete a set'),
);

const storm: fc.Arbitrary<Storm> = fc.record({
  // Most verbs ask for the first 40 hundredths of their calls, and change nothing yet.
  at: fc.oneof(fc.nat(99), { arbitrary: fc.integer({ min: 40, max: 99 }), weight: 3 }),
  what: fc.oneof({ arbitrary: fc.constantFrom(...crashes), weight: 2 }, outside),
});
const maybeStorm = fc.option(storm, { nil: undefined, freq: 3 });
const which = fc.nat(5);

const restore: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('restore' as const),
  strategy: fc.oneof({ arbitrary: fc.constant('swap' as const), weight: 3 }, fc.constant('replace' as const)),
  set: which,
  storm: maybeStorm,
});

const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: fc.constant<Step>({ do: 'create' }), weight: 2 },
  { arbitrary: restore, weight: 6 },
  {
    arbitrary: fc.record({
      do: fc.constant('undo' as const),
      which,
      fromParked: fc.oneof({ arbitrary: fc.constant(false), weight: 4 }, fc.constant(true)),
      storm: maybeStorm,
    }),
    weight: 5,
  },
  { arbitrary: fc.record({ do: fc.constant('resume' as const), which, storm: maybeStorm }), weight: 4 },
  { arbitrary: fc.record({ do: fc.constant('commit' as const), which, storm: maybeStorm }), weight: 2 },
  { arbitrary: fc.record({ do: outside }), weight: 4 },
);

/** There is a set, and data that differs from it, before the first restore. */
export const stepLists: fc.Arbitrary<Step[]> = fc
  .tuple(restore, fc.array(step, { minLength: 4, maxLength: 7 }))
  .map(([first, steps]) => [{ do: 'create' }, { do: 'write' }, first, ...steps]);
