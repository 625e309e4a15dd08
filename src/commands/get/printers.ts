/** Which printer `-o` means: k8s.io/kubectl/pkg/cmd/get/get_flags.go. */
import { FailedError } from '../../errors.ts';
import { asKubectl, asShown } from '../../terminal/cell.ts';
import type { GetOptions } from './options.ts';
import { jsonPrinter, namePrinter, yamlPrinter } from './plain-printers.ts';
import type { ObjectPrinter } from './printer.ts';
import { columnsPrinter, jsonPathPrinter } from './template-printers.ts';

/** @throws FailedError when the format isn't known or its template can't be read */
export async function printerOf(options: GetOptions, toTerminal: boolean): Promise<ObjectPrinter> {
  const safe = toTerminal ? asShown : asKubectl;
  const { output, template } = options;
  const [, format = '', value = template] = /^([^=]*)(?:=(.*))?$/s.exec(output) ?? [];
  if (template === '' || format === output) {
    if (format.startsWith('jsonpath')) {
      const printer = await jsonPathPrinter(format, value, options);
      if (printer !== undefined) return printer;
    }
    if (format.startsWith('custom-columns')) {
      const printer = await columnsPrinter(format, value, options, safe);
      if (printer !== undefined) return printer;
    }
  }
  if (output.toLowerCase() === 'json') return jsonPrinter(options, toTerminal);
  if (output.toLowerCase() === 'yaml') return yamlPrinter(options, toTerminal);
  if (output.toLowerCase() === 'name') return namePrinter();
  throw new FailedError(
    `unable to match a printer suitable for the output format "${output}", allowed formats are: ${formats.join(',')}`,
  );
}

const formats = [
  'custom-columns',
  'custom-columns-file',
  'json',
  'jsonpath',
  'jsonpath-as-json',
  'jsonpath-file',
  'name',
  'wide',
  'yaml',
];
