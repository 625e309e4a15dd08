/** What the words after `get` ask for: k8s.io/cli-runtime/pkg/resource/builder.go. */
import { FailedError, UsageError } from '../../errors.ts';
import type { GetFlags } from './options.ts';

/** Types are words still: see `typeNamed`. */
export type Asked =
  | { how: 'lists'; types: string[] }
  | { how: 'names'; items: { type: string; name: string }[] }
  | { how: 'files'; files: readonly string[]; conflict: string | undefined };

/** @throws FailedError in kubectl's words; UsageError when there are none */
export function askedBy(words: readonly string[], options: GetFlags): Asked {
  const args = spread(words);
  const named = namedIn(args, options);
  if (options.files.length > 0) return files(args, named, options);
  const [types = '', ...names] = args;
  const isSelected = options.labelSelector !== undefined || options.fieldSelector !== undefined;
  if (isSelected && names.length > 0 && named === undefined) {
    throw new FailedError('name cannot be provided when a selector is specified');
  }
  if (isSelected && named !== undefined) {
    throw new FailedError('selectors and the all flag cannot be used when passing resource/name arguments');
  }
  if (named !== undefined) return { how: 'names', items: named };
  if (args.length === 0) throw new UsageError(missing);
  if (names.length > 0) return { how: 'names', items: names.map((name) => ({ type: types, name })) };
  if (options.subresource !== undefined) {
    throw new FailedError('subresource cannot be used when bulk resources are specified');
  }
  return { how: 'lists', types: [...new Set(types.split(','))] };
}

const missing = 'get needs a type: sets, operations, vs, vsc, vsclass, vgs, vgsc or vgsclass';

/** Words beside files are refused, but kubectl looks for the files first. */
function files(args: readonly string[], named: unknown, { files: paths }: GetFlags): Asked {
  const types = 'when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well';
  const names = 'resource/name arguments cannot be provided when a path is specified';
  const conflict = named !== undefined ? names : args.length > 0 ? types : undefined;
  return { how: 'files', files: paths, conflict };
}

/** `a,b x y` is `a/x a/y b/x b/y`. */
function spread(words: readonly string[]): string[] {
  const [first = '', ...names] = words;
  const types = [...new Set(first.split(','))];
  if (names.length === 0 || types.length === 1) return [...words];
  return types.flatMap((type) => names.map((name) => `${type}/${name}`));
}

/** The words as TYPE/NAME; undefined when none of them is. */
function namedIn(words: readonly string[], { programName }: GetFlags): { type: string; name: string }[] | undefined {
  const count = words.filter((word) => word.includes('/')).length;
  if (count === 0) return undefined;
  if (count < words.length) {
    const command = programName;
    throw new FailedError(
      `there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. '${command} get resource/<resource_name>' instead of '${command} get resource resource/<resource_name>'`,
    );
  }
  return words.map((word) => {
    const [type = '', name = '', ...more] = word.split('/');
    if (more.length > 0) throw new FailedError('arguments in resource/name form may not have more than one slash');
    if (type !== '' && name !== '' && !type.includes(',')) return { type, name };
    throw new FailedError('arguments in resource/name form must have a single resource and name');
  });
}
