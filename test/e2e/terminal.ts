/** Runs the program on a pseudo-terminal, that of util-linux's `script`, with somebody who types. */
import { spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import type { TestNamespace } from '../cluster/namespace.ts';
import { programWords } from './program-file.ts';

export interface OnTerminal {
  /** Resolves when the screen has shown the text; rejects when the program ends without it. */
  says(text: string | RegExp): Promise<void>;
  type(keys: string): void;
  /** @property text all that was ever shown, without what moves the cursor and colours; `raw` has it all */
  finished: Promise<{ code: number; text: string; raw: string }>;
}

export function startOnTerminal(namespace: TestNamespace, ...args: string[]): OnTerminal {
  const words = [...programWords(), '--namespace', namespace.name, ...args];
  const command = words.map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    // A person's terminal: where CI is set, Node takes every terminal for one without colours.
    env: { ...process.env, CI: undefined, KUBECONFIG: namespace.cluster.kubeconfig, TERM: 'xterm-256color' },
    stdio: 'pipe',
  });
  let raw = '';
  const text = (): string => stripVTControlCharacters(raw).replaceAll('\r', '');
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (raw += piece));
  const finished = new Promise<{ code: number; text: string; raw: string }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code: code ?? 1, text: text(), raw });
    });
  });
  const says = async (wanted: string | RegExp): Promise<void> => {
    const isThere = (): boolean => (typeof wanted === 'string' ? text().includes(wanted) : wanted.test(text()));
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (isThere()) resolve();
      };
      child.stdout.on('data', look);
      void finished.then(() => {
        reject(new Error(`the program ended without showing ${String(wanted)}:\n${text()}`));
      });
      look();
    });
  };
  return { says, type: (keys) => void child.stdin.write(keys), finished };
}
