/** `-o json`, `-o yaml` and `-o name`. */
import type { JsonObject } from '../../cluster/json.ts';
import { indented, jsonLine, jsonText, safeJson } from '../../terminal/json.ts';
import { yamlItem, yamlText } from '../../terminal/yaml.ts';
import type { Found } from './fetch.ts';
import type { GetOptions } from './options.ts';
import type { ObjectPrinter } from './printer.ts';
import { itemsIn } from './printer.ts';

export function jsonPrinter({ showManagedFields }: GetOptions, toTerminal: boolean): ObjectPrinter {
  const safe = toTerminal ? safeJson : (text: string): string => text;
  const visible = ({ document }: Found): JsonObject => (showManagedFields ? document : withoutManagedFields(document));
  const itemStart = '\n        ';
  let count = 0;
  return {
    isLaidOut: false,
    start: (kind) => (kind === 'list' ? '{\n    "apiVersion": "v1",\n    "items": [' : ''),
    one: (object) => [safe(jsonText(visible(object)))],
    event: (type, { document }) => [safe(`{"type":${jsonLine(type)},"object":${jsonLine(document)}}\n`)],
    listItems: (items) =>
      items.map((item) => `${count++ === 0 ? '' : ','}${itemStart}${safe(indented(visible(item), itemStart))}`),
    listEnd: () =>
      `${count === 0 ? '' : '\n    '}],\n    "kind": "List",\n    "metadata": {\n        "resourceVersion": ""\n    }\n}\n`,
  };
}

export function yamlPrinter({ showManagedFields }: GetOptions, isSafe: boolean): ObjectPrinter {
  const visible = ({ document }: Found): JsonObject => (showManagedFields ? document : withoutManagedFields(document));
  let documents = 0;
  let items = 0;
  const next = (value: unknown): string[] => {
    const text = yamlText(value, { isSafe });
    return documents++ === 0 ? [text] : ['---\n', text];
  };
  return {
    isLaidOut: false,
    start: (kind) => (kind === 'list' ? 'apiVersion: v1\nitems:' : ''),
    one: (object) => next(visible(object)),
    event: (type, { document }) => next({ object: document, type }),
    listItems: (objects) =>
      objects.map((object) => `${items++ === 0 ? '\n' : ''}${yamlItem(visible(object), { isSafe })}`),
    listEnd: () => `${items === 0 ? ' []\n' : ''}kind: List\nmetadata:\n  resourceVersion: ""\n`,
  };
}

/** Of an object, or of the items of a page of them. */
function withoutManagedFields(object: JsonObject): JsonObject {
  const { metadata, items } = object;
  if (Array.isArray(items)) return { ...object, items: (items as JsonObject[]).map(withoutManagedFields) };
  if (typeof metadata !== 'object' || metadata === null || !('managedFields' in metadata)) return object;
  const { managedFields: _, ...visible } = metadata;
  return { ...object, metadata: visible };
}

export function namePrinter(): ObjectPrinter {
  const lines = ({ resource, document }: Found): string[] => {
    const type = resource.kind.toLowerCase();
    const prefix = resource.group === '' ? type : `${type}.${resource.group}`;
    return itemsIn(document).map(({ metadata }) => `${prefix}/${(metadata as { name: string }).name}\n`);
  };
  return {
    isLaidOut: false,
    start: () => '',
    one: lines,
    event: (_, object) => lines(object),
    listItems: (items) => items.flatMap(lines),
    listEnd: () => '',
  };
}
