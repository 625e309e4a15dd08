/** The flags of `get`: those of `kubectl get`. */
import type { Options } from 'yargs';
import { FailedError, UsageError } from '../../errors.ts';
import type { Arguments, Invocation } from '../command.ts';
import { textOf } from '../flags.ts';

export const flags: Record<string, Options> = {
  'all-namespaces': { type: 'boolean', alias: 'A', describe: 'In all namespaces' },
  selector: { type: 'string', alias: 'l', describe: 'With these labels, such as -l app=kafka' },
  'field-selector': { type: 'string', describe: 'With these fields, such as metadata.name=a' },
  output: {
    type: 'string',
    alias: 'o',
    describe:
      'wide, name, json, yaml, jsonpath=, jsonpath-as-json=, jsonpath-file=, custom-columns=, custom-columns-file=',
  },
  template: { type: 'string', describe: 'The template, or its file, where -o names none' },
  'allow-missing-template-keys': { type: 'boolean', default: true, describe: 'A missing key is no error in jsonpath' },
  'no-headers': { type: 'boolean', describe: 'Without the line of headers' },
  'show-labels': { type: 'boolean', describe: 'All labels as the last column' },
  'label-columns': { type: 'array', string: true, alias: 'L', describe: 'Labels with a column each' },
  'show-kind': { type: 'boolean', describe: 'Names as KIND/NAME' },
  'show-managed-fields': { type: 'boolean', describe: 'Keep metadata.managedFields in json and yaml' },
  'sort-by': { type: 'string', describe: 'Sort by a field, such as .metadata.creationTimestamp' },
  watch: { type: 'boolean', alias: 'w', describe: 'Then go on with what changes' },
  'watch-only': { type: 'boolean', describe: 'Only what changes' },
  'output-watch-events': { type: 'boolean', describe: 'Say what kind of change it was' },
  'ignore-not-found': { type: 'boolean', describe: 'What does not exist is no error' },
  'chunk-size': { type: 'string', default: '500', describe: 'Objects asked for at once; 0 for all' },
  filename: { type: 'array', string: true, alias: 'f', describe: 'Files that name the objects' },
  subresource: { type: 'string', describe: 'A subresource of the objects, such as status' },
  'server-print': { type: 'boolean', default: true, describe: 'The server lays out the columns' },
};

export interface GetOptions extends GetFlags {
  /** Of the command line or the context. */
  namespace: string;
}

export interface GetFlags {
  /** -n was given, and -A wasn't. */
  isNamespaceGiven: boolean;
  allNamespaces: boolean;
  labelSelector: string | undefined;
  fieldSelector: string | undefined;
  /** As it was typed; empty for a table. */
  output: string;
  template: string;
  allowMissingKeys: boolean;
  headers: boolean;
  allLabels: boolean;
  labels: readonly string[];
  showKind: boolean;
  showManagedFields: boolean;
  sortPath: string;
  watch: 'no' | 'also' | 'only';
  events: boolean;
  ignoreNotFound: boolean;
  chunkSize: number;
  files: readonly string[];
  subresource: string | undefined;
  serverPrint: boolean;
  programName: string;
}

/** @throws UsageError, and FailedError in kubectl's words */
export function optionsOf({ args, programName }: Invocation): GetFlags {
  const has = (flag: string): boolean => args[flag] === true;
  const output = textOf(args, 'output') ?? '';
  refuseUnknown(output, args);
  const options: GetFlags = {
    isNamespaceGiven: textOf(args, 'namespace') !== undefined && !has('all-namespaces'),
    allNamespaces: has('all-namespaces'),
    labelSelector: trimmed(args, 'selector'),
    fieldSelector: trimmed(args, 'field-selector'),
    output,
    template: textOf(args, 'template') ?? '',
    allowMissingKeys: args['allow-missing-template-keys'] !== false,
    headers: !has('no-headers'),
    allLabels: has('show-labels'),
    labels: valuesOf(args, 'label-columns').flatMap((value) => value.split(',')),
    showKind: has('show-kind'),
    showManagedFields: has('show-managed-fields'),
    sortPath: textOf(args, 'sort-by') ?? '',
    watch: has('watch') ? 'also' : has('watch-only') ? 'only' : 'no',
    events: has('output-watch-events'),
    ignoreNotFound: has('ignore-not-found'),
    chunkSize: chunkSizeOf(args, programName),
    files: valuesOf(args, 'filename'),
    subresource: trimmed(args, 'subresource'),
    serverPrint: args['server-print'] !== false && !/custom-columns|json|^yaml$/.test(output),
    programName,
  };
  check(options);
  return options;
}

/** A table, which the server or we lay out. */
export function isTable({ output, template }: GetFlags): boolean {
  return output === 'wide' || (output === '' && template === '');
}

function check({ output, allLabels, events, watch }: GetFlags): void {
  if (allLabels && output !== '' && output !== 'wide') {
    throw new FailedError(`--show-labels option cannot be used with ${output} printer`);
  }
  if (events && watch === 'no') {
    throw new FailedError('--output-watch-events option can only be used with --watch or --watch-only');
  }
}

/** What kubectl has and we don't: docs/get.md says why. */
function refuseUnknown(output: string, args: Arguments): void {
  const isGoTemplate = /^(go-template|go-template-file|template|templatefile)(=|$)/.test(output);
  if (isGoTemplate || (output === '' && (textOf(args, 'template') ?? '') !== '')) {
    throw new UsageError(`Go templates are not understood here: use -o jsonpath=, or kubectl get -o go-template=`);
  }
  if (output.toLowerCase() === 'kyaml')
    throw new UsageError('-o kyaml is not written here: use -o yaml, or kubectl get -o kyaml');
}

function trimmed(args: Arguments, flag: string): string | undefined {
  const text = textOf(args, flag)?.trim();
  return text === '' ? undefined : text;
}

function valuesOf(args: Arguments, flag: string): string[] {
  const value = args[flag];
  return Array.isArray(value) ? value.map(String) : [];
}

function chunkSizeOf(args: Arguments, programName: string): number {
  const text = textOf(args, 'chunk-size') ?? '500';
  const value = wholeNumber(text);
  if (value !== undefined && BigInt.asIntN(64, value) === value) return Number(value);
  const problem = value === undefined ? 'invalid syntax' : 'value out of range';
  const reason = `strconv.ParseInt: parsing "${text}": ${problem}`;
  throw new FailedError(
    `invalid argument "${text}" for "--chunk-size" flag: ${reason}\nSee '${programName} get --help' for usage.`,
  );
}

/** As Go writes whole numbers: in bases 2, 8, 10 and 16. Its underscores between digits are not taken. */
function wholeNumber(text: string): bigint | undefined {
  const [, sign = '', digits = ''] = /^([+-]?)(\d+|0x[\da-f]+|0o[0-7]+|0b[01]+)$/i.exec(text) ?? [];
  if (digits === '' || /^0\d*[89]/.test(digits)) return undefined;
  const size = BigInt(digits.replace(/^0(?=\d)/, '0o'));
  return sign === '-' ? -size : size;
}
