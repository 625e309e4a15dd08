/** The verbs that suffer, and what each is to do to a scene. */
import type { Scene, State, Workload } from './scene.ts';
import { setName } from './scene.ts';

export type VerbName = 'create' | 'restore' | 'undo' | 'commit';

interface Verb {
  words: (scene: Scene) => string[];
  /** What there is when it has done what it was asked for. */
  after: (state: State) => State;
  /** Ends in an operation that can be resumed and undone. */
  isOperation: boolean;
}

export const verbs: Record<VerbName, Verb> = {
  create: {
    words: ({ workloads }) => ['create', ...workloads.map(targetOf), '--name', setName],
    after: (state) => ({ ...state, set: state.data }),
    isOperation: false,
  },
  restore: {
    words: ({ as, backup }) => ['restore', backup === undefined ? setName : `velero/${backup.name}`, '--yes', ...as],
    after: (state) => ({ ...state, data: state.set ?? '', parked: state.data }),
    isOperation: true,
  },
  undo: {
    words: ({ as }) => ['undo', '--yes', ...as],
    after: (state) => ({ ...state, data: state.parked ?? '', parked: state.data }),
    isOperation: true,
  },
  commit: {
    words: ({ as }) => ['commit', '--yes', ...as],
    after: (state) => ({ ...state, parked: undefined }),
    isOperation: false,
  },
};

function targetOf({ kind, name }: Workload): string {
  return `${kind.toLowerCase()}/${name}`;
}
