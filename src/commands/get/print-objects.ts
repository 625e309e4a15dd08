/** Prints objects in the formats other than tables: k8s.io/kubectl/pkg/cmd/get/get.go, printGeneric. */
import type { JsonObject } from '../../cluster/json.ts';
import { tableIn } from '../../cluster/tables.ts';
import { FailedError, reasonOf } from '../../errors.ts';
import { relaxedPath } from '../../terminal/custom-columns.ts';
import type { Output } from '../../terminal/output.ts';
import { sortBy } from '../../terminal/sort-by.ts';
import { TabWriter } from '../../terminal/tab-writer.ts';
import { shownText } from '../../terminal/text.ts';
import type { Fetch, Found } from './fetch.ts';
import type { GetOptions } from './options.ts';
import type { ObjectPrinter } from './printer.ts';
import { itemsIn } from './printer.ts';
import { printerOf } from './printers.ts';
import { throwAll } from './report.ts';

/** @throws VerbatimError, FailedError, ClusterError in kubectl's words, after what could be printed */
export async function printObjects(output: Output, fetched: Fetch, options: GetOptions): Promise<void> {
  const { errors, isSingle } = fetched;
  const pages = pagesOf(fetched.found);
  const first = await pages.next();
  const isEmpty = first.done === true;
  if ((isEmpty && options.ignoreNotFound) || (isSingle && errors.length > 0)) {
    throwAll(errors);
    return;
  }
  // Not before: of a wrong template and a missing object, kubectl names the object.
  const printer = await printerOf(options, output.toTerminal);
  const sink = sinkOf(output, printer);
  try {
    if (isSingle && !isEmpty) await printOne(sink, printer, first.value[0]);
    else await printList(sink, printer, isEmpty ? [[]] : resumed(first.value, pages), options);
  } catch (error) {
    errors.push(error instanceof Error ? new FailedError(error.message) : new FailedError(reasonOf(error)));
  }
  await sink.end();
  throwAll(errors);
}

/** The items of lists, and single objects; never an empty page. */
async function* pagesOf(found: Fetch['found']): AsyncGenerator<readonly [Found, ...Found[]]> {
  for await (const { resource, document } of found) {
    const [first, ...others] = (namesIn(document) ?? itemsIn(document)).map((item): Found => ({
      resource,
      document: item,
    }));
    if (first !== undefined) yield [first, ...others];
  }
}

/** A table that was asked for because names are all that is printed. */
function namesIn(document: JsonObject): JsonObject[] | undefined {
  const table = tableIn(document);
  const column = table?.columns.findIndex(({ format }) => format === 'name') ?? -1;
  return table?.rows.map(({ cells }) => ({ metadata: { name: cells[column] } }));
}

async function* resumed<T>(first: T, rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield first;
  yield* rest;
}

interface Sink {
  write(texts: Iterable<string>): Promise<void>;
  end(): Promise<void>;
}

/** Columns can't be written before the last line is known; all else is, page by page. */
function sinkOf(output: Output, { isLaidOut }: ObjectPrinter): Sink {
  const safe = output.toTerminal ? shownText : (text: string): string => text;
  if (!isLaidOut) {
    return {
      write: (texts) => output.write(safe(Array.from(texts).join(''))),
      end: () => Promise.resolve(),
    };
  }
  const writer = new TabWriter();
  return {
    write: (texts) => {
      for (const text of texts) writer.write(text);
      return Promise.resolve();
    },
    end: () => output.write(writer.flush()),
  };
}

async function printOne(sink: Sink, printer: ObjectPrinter, found: Found): Promise<void> {
  await sink.write(joined([printer.start('object')], printer.one(found)));
}

async function printList(
  sink: Sink,
  printer: ObjectPrinter,
  pages: AsyncIterable<readonly Found[]> | readonly Found[][],
  { sortPath }: GetOptions,
): Promise<void> {
  if (printer.list === undefined && sortPath === '') {
    let start = printer.start('list');
    for await (const page of pages) {
      await sink.write(joined([start], printer.listItems(page)));
      start = '';
    }
  } else {
    const items = sorted((await Array.fromAsync(pages)).flat(), sortPath);
    if (printer.list !== undefined) {
      await sink.write([printer.list(items.map(({ document }) => document))]);
      return;
    }
    await sink.write(joined([printer.start('list')], printer.listItems(items)));
  }
  await sink.write([printer.listEnd()]);
}

/** One write for both: of a page that can't be written nothing is. */
function* joined(...texts: Iterable<string>[]): Generator<string> {
  for (const text of texts) yield* text;
}

function sorted(items: readonly Found[], path: string): readonly Found[] {
  if (path === '' || items.length === 0) return items;
  return sortBy(items, relaxedPath(path), ({ document }) => document);
}
