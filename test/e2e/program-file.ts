/** How the program is started: from its source, or as the packaged program that PVSNAP_PROGRAM names. */
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export function programWords(): [string, ...string[]] {
  const packaged = process.env.PVSNAP_PROGRAM ?? '';
  return packaged === '' ? [process.execPath, '--disable-warning=ExperimentalWarning', main] : [packaged];
}
