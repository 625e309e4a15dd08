/** `-o jsonpath=` and `-o custom-columns=`, and their kin. */
import { readFile } from 'node:fs/promises';
import { FailedError, reasonOf } from '../../errors.ts';
import type { CustomColumn } from '../../terminal/custom-columns.ts';
import { columnsOfFile, columnsOfSpec, customRows } from '../../terminal/custom-columns.ts';
import { JsonPath } from '../../terminal/jsonpath.ts';
import { jsonPathText } from '../../terminal/jsonpath-text.ts';
import type { GetOptions } from './options.ts';
import type { ObjectPrinter } from './printer.ts';
import { itemsIn } from './printer.ts';

/** @returns undefined for another format @throws FailedError in kubectl's words */
export async function jsonPathPrinter(
  format: string,
  value: string,
  { allowMissingKeys }: GetOptions,
): Promise<ObjectPrinter | undefined> {
  if (!['jsonpath', 'jsonpath-file', 'jsonpath-as-json'].includes(format)) return undefined;
  if (value === '') throw new FailedError('template format specified but no template given');
  const template = format === 'jsonpath-file' ? await readTemplate(value, '--template ') : value;
  const path = parsed(template, allowMissingKeys);
  const print = (data: unknown): string => jsonPathText(path, template, data, format === 'jsonpath-as-json');
  return {
    isLaidOut: false,
    start: () => '',
    one: ({ document }) => [print(document)],
    event: (type, { document }) => [print({ type, object: document })],
    listItems: () => [],
    listEnd: () => '',
    list: (items) => print({ apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items }),
  };
}

function parsed(template: string, allowMissingKeys: boolean): JsonPath {
  try {
    return new JsonPath(template, allowMissingKeys);
  } catch (error) {
    throw new FailedError(`error parsing jsonpath ${template}, ${reasonOf(error)}`);
  }
}

/** @returns undefined for another format @throws FailedError in kubectl's words */
export async function columnsPrinter(
  format: string,
  value: string,
  { headers }: GetOptions,
  safe: (text: string) => string,
): Promise<ObjectPrinter | undefined> {
  if (!['custom-columns', 'custom-columns-file'].includes(format)) return undefined;
  if (value === '') throw new FailedError('custom-columns format specified but no custom columns given');
  const isFile = format === 'custom-columns-file';
  const columns = isFile ? await readColumns(value) : asKubectls(() => columnsOfSpec(value));
  const header = headers || isFile ? `${columns.map((column) => column.header).join('\t')}\n` : '';
  let last = '';
  return {
    isLaidOut: true,
    start: (kind) => {
      const isNew = kind !== last;
      last = kind;
      return isNew ? header : '';
    },
    one: ({ document }) => customRows(columns, itemsIn(document), safe),
    event: (type, { document }) => customRows(columns, [{ type, object: document }], safe),
    listItems: (items) =>
      customRows(
        columns,
        items.map(({ document }) => document),
        safe,
      ),
    listEnd: () => '',
  };
}

async function readColumns(path: string): Promise<CustomColumn[]> {
  const text = await readTemplate(path, 'template ', '\n');
  return asKubectls(() => columnsOfFile(text));
}

async function readTemplate(path: string, what: string, end = ''): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    throw new FailedError(`error reading ${what}${path}, open ${path}: no such file or directory${end}`);
  }
}

function asKubectls<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new FailedError(reasonOf(error));
  }
}
