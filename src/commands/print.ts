/** Prints what a verb that writes has made, in the format that the user asked for. */
import type { KubeObject } from '../cluster/objects.ts';
import type { Output } from '../terminal/output.ts';
import { jsonText, safeJson } from '../terminal/json.ts';
import { yamlText } from '../terminal/yaml.ts';
import type { DryRun, OutputFormat } from './flags.ts';

export interface Result {
  format: OutputFormat | undefined;
  dryRun: DryRun;
  /** `TYPE/NAME` */
  name: string;
  /** What happened to it: `created`. */
  verb: string;
  /** API objects: printed as a List, which `kubectl apply -f -` takes. */
  items: readonly KubeObject[];
}

const suffixes = { none: '', client: ' (dry run)', server: ' (server dry run)' };

export async function printResult(output: Output, { format, dryRun, name, verb, items }: Result): Promise<void> {
  if (format === undefined) await output.print(`${name} ${verb}${suffixes[dryRun]}\n`);
  else if (format === 'name') await output.print(`${name}\n`);
  else await printValue(output, format, { apiVersion: 'v1', kind: 'List', items });
}

/** Without metadata.managedFields, as kubectl prints objects. */
export async function printValue(output: Output, format: 'json' | 'yaml', value: unknown): Promise<void> {
  const visible = withoutManagedFields(value);
  await output.print(format === 'json' ? safeJson(jsonText(visible)) : yamlText(visible, { isSafe: true }));
}

function withoutManagedFields(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { metadata, items, ...rest } = value as Partial<KubeObject> & { items?: unknown[] };
  if (Array.isArray(items)) return { ...value, items: items.map(withoutManagedFields) };
  if (metadata === undefined) return value;
  const { managedFields: _, ...visible } = metadata;
  return { ...rest, metadata: visible };
}
