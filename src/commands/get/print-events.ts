/** What a watch prints: each change in the format that was asked for, columns staying as wide as they were. */
import type { JsonObject } from '../../cluster/json.ts';
import type { Resource } from '../../cluster/resources.ts';
import { tableIn } from '../../cluster/tables.ts';
import type { Output } from '../../terminal/output.ts';
import { TabWriter } from '../../terminal/tab-writer.ts';
import type { IsAlarming, Table, TableOptions } from '../../terminal/table.ts';
import { tablePrinter } from '../../terminal/table.ts';
import { shownText } from '../../terminal/text.ts';
import type { GetOptions } from './options.ts';
import { isTable } from './options.ts';
import { objectTable, tableOptions } from './print-tables.ts';
import { itemsIn } from './printer.ts';
import { printerOf } from './printers.ts';
import { sortedTable } from './sort-tables.ts';

export interface EventPrinter {
  /** @param isShown a Table that isn't shown still says which columns there are */
  add(type: string, document: JsonObject, isShown: boolean): void;
  flush(): Promise<void>;
}

/** @throws FailedError in kubectl's words for a format that isn't known */
export async function watchPrinter(
  output: Output,
  resource: Resource,
  options: GetOptions,
  isAlarming: IsAlarming | undefined,
): Promise<EventPrinter> {
  const texts = isTable(options)
    ? tableEvents(tableOptions(resource, options, { output, isMixed: false, isAlarming }), options)
    : await objectEvents(resource, options, output.toTerminal);
  const writer = new TabWriter();
  return {
    add: (type, document, isShown) => {
      for (const text of texts(type, document, isShown)) writer.write(text);
    },
    flush: () => output.write(writer.flush()),
  };
}

type EventTexts = (type: string, document: JsonObject, isShown: boolean) => Iterable<string>;

/** kubectl's watch shows no kinds, and with -A namespaces also of what has none. */
function tableEvents(look: TableOptions, options: GetOptions): EventTexts {
  const print = tablePrinter(look);
  return (type, document, isShown) => {
    const page = tableIn(document);
    const tables = page === undefined ? itemsIn(document).map(laidOut) : [sortedTable(page, options.sortPath)];
    if (isShown) return tables.map((table) => print(table, options.events ? type : undefined));
    return page === undefined || options.events ? [] : [print({ columns: page.columns, rows: [] })];
  };
}

/** An object, or a Status that the server ends a watch with. */
function laidOut(document: JsonObject): Table {
  if (document.kind !== 'Status') return objectTable(document);
  const names = ['Status', 'Reason', 'Message'];
  return {
    columns: names.map((name) => ({ name, type: 'string', priority: 0 })),
    rows: [{ cells: names.map((name) => document[name.toLowerCase()] ?? '') }],
  };
}

async function objectEvents(resource: Resource, options: GetOptions, toTerminal: boolean): Promise<EventTexts> {
  const printer = await printerOf(options, toTerminal);
  const safe = toTerminal && !printer.isLaidOut ? shownText : (text: string): string => text;
  return function* (type, document, isShown) {
    if (!isShown) return;
    const found = { resource, document };
    const kind = options.events ? 'event' : Array.isArray(document.items) ? 'list' : 'object';
    yield printer.isLaidOut ? printer.start(kind) : '';
    for (const text of options.events ? printer.event(type, found) : printer.one(found)) yield safe(text);
  };
}
