import { GoFloat, goQuoted, goSyntax, goText } from './go-text.ts';
import { indented, jsonLine } from './json.ts';
import type { JsonPath } from './jsonpath.ts';

/**
 * What `-o jsonpath=` prints of an object, or `-o jsonpath-as-json=`.
 * @throws Error with the text that kubectl prints, of several lines
 */
export function jsonPathText(path: JsonPath, template: string, data: unknown, asJson: boolean): string {
  try {
    return path
      .find(data)
      .map((results) => (asJson ? `${indented(results, '\n')}\n` : results.map(plainText).join(' ')))
      .join('');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const help = `Error executing template: ${reason}. Printing more information for debugging the template:\n`;
    const details = `\ttemplate was:\n\t\t${template}\n\tobject given to jsonpath engine was:\n\t\t${goSyntax(data)}\n\n`;
    throw new Error(`error executing jsonpath ${goQuoted(template)}: ${help}${details}\n`, { cause: error });
  }
}

function plainText(value: unknown): string {
  if (value === null) return 'null';
  return typeof value === 'object' && !(value instanceof GoFloat) ? jsonLine(value) : goText(value);
}
