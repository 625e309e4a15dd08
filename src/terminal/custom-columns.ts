/** `-o custom-columns`: k8s.io/kubectl/pkg/cmd/get/customcolumn.go. */
import { goText } from './go-text.ts';
import { JsonPath } from './jsonpath.ts';

export interface CustomColumn {
  header: string;
  /** A JSONPath template. */
  template: string;
}

/** @param spec `HEADER:PATH,...`; the path's braces and first dot may be left out. @throws Error in kubectl's words */
export function columnsOfSpec(spec: string): CustomColumn[] {
  return spec.split(',').map((part) => {
    const colon = part.indexOf(':');
    if (colon < 0) throw new Error(`unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`);
    return { header: part.slice(0, colon), template: relaxedPath(part.slice(colon + 1)) };
  });
}

/** @param text of a file: a line of headers, then one of paths, divided by spaces. @throws Error in kubectl's words */
export function columnsOfFile(text: string): CustomColumn[] {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  if (lines.at(-1) === '') lines.pop();
  const [headers, templates] = [wordsOf(lines[0], 'header'), wordsOf(lines[1], 'spec')];
  if (headers.length !== templates.length) {
    throw new Error(`number of headers (${headers.length}) and field specifications (${templates.length}) don't match`);
  }
  return headers.map((header, index) => ({ header, template: relaxedPath(templates[index] ?? '') }));
}

function wordsOf(line: string | undefined, name: string): string[] {
  if (line !== undefined) return line.split(/\s+/u).filter((word) => word !== '');
  throw new Error(
    `invalid template, missing ${name} line. Expected format is one line of space separated headers, one line of space separated column specs.`,
  );
}

/** `metadata.name`, `.metadata.name` and `{metadata.name}` are all `{.metadata.name}`. @throws Error in kubectl's words */
export function relaxedPath(path: string): string {
  if (path === '') return path;
  const [, inBraces, bare] = /^\{\.?([^{}]+)\}$|^\.?([^{}]+)$/.exec(path) ?? [];
  const fields = inBraces ?? bare;
  if (fields !== undefined) return `{.${fields}}`;
  throw new Error(
    "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'",
  );
}

/**
 * A line of a TabWriter for each object.
 * @throws Error in the words of the JSONPath library, maybe after some lines
 */
export function* customRows(
  columns: readonly CustomColumn[],
  objects: readonly unknown[],
  safe: (text: string) => string,
): Generator<string> {
  const paths = columns.map(({ template }) => new JsonPath(template, true));
  for (const object of objects) yield `${paths.map((path) => cellOf(path, object, safe)).join('\t')}\n`;
}

function cellOf(path: JsonPath, object: unknown, safe: (text: string) => string): string {
  const found = path.find(object);
  const values = found.flat().map((value) => safe(goText(value)));
  return (found[0]?.length ?? 0) === 0 ? ['<none>', ...values].join(',') : values.join(',');
}
