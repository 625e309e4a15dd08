/** What a person says of stopping: --stop, --no-stop, --delete-bare-pods, --order. */
import { isNamed } from '../cluster/resources.ts';
import { UsageError } from '../errors.ts';
import { displayName, resourceOf, workloadKinds } from './kinds.ts';
import { isScalable } from './scale.ts';

export interface NamedWorkload {
  kind: string;
  name: string;
  namespace: string;
}

export interface StopChoices {
  /** Stopped besides, before everything else: operators. */
  stop: NamedWorkload[];
  /** Left alone, such as `statefulset/db`: the person answers for it. */
  leave: string[];
  deleteBarePods: boolean;
  /** Stopped one after the other in this order, and started in reverse: `statefulset/es-kafka`. */
  order: string[];
  /** Said of an earlier operation: what it names may be gone. */
  isCarried?: true;
  /** Of those said of an earlier operation, what its record alone doesn't suffice for. */
  doubted?: NamedWorkload[];
}

export const noChoices: StopChoices = { stop: [], leave: [], deleteBarePods: false, order: [] };

/** @param words such as `deployment/es-operator` or `operators/deployment/es-operator` */
export function parseStop(words: readonly string[], namespace: string): NamedWorkload[] {
  return words.map((word) => {
    const parts = word.split('/');
    const [within, type = '', name = ''] = parts.length === 3 ? parts : [namespace, ...parts];
    const kind = parts.length < 2 || parts.length > 3 ? undefined : kindNamed(type);
    if (kind === undefined || !isScalable(kind) || name === '' || within === undefined || within === '') {
      throw new UsageError(
        `--stop "${word}": expected [NAMESPACE/]TYPE/NAME of what can be scaled, such as operators/deployment/es-operator`,
      );
    }
    return { kind, name, namespace: within };
  });
}

/** @param words such as `sts/db` or `kafka/my-cluster`: of workloads and of custom resources */
export function parseNames(flag: string, words: readonly string[]): string[] {
  return words.map((word) => {
    const [type = '', name = '', ...rest] = word.split('/');
    if (type === '' || name === '' || rest.length > 0) throw new UsageError(`--${flag} "${word}": expected TYPE/NAME`);
    return displayName({ kind: kindNamed(type) ?? type.toLowerCase(), name });
  });
}

function kindNamed(type: string): string | undefined {
  return workloadKinds.find((kind) => isNamed(resourceOf(kind), type));
}
