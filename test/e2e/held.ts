/** Runs the program and has something happen at one of its calls to the API server, which waits for it. */
import assert from 'node:assert/strict';
import type { Finished, TestNamespace } from '../cluster/namespace.ts';
import { openProxy } from '../faults/proxy.ts';
import { run } from './program.ts';
import { volumesOf } from './restore-checks.ts';

export interface Held extends Finished {
  /** Whether the call came. */
  came: boolean;
  /** The names of all calls, in their order. */
  calls: readonly string[];
}

/**
 * @param call as the faults name calls; volumes that are there before are `(old)`
 * @param happen done before the server hears of the call
 */
export async function meanwhile(
  namespace: TestNamespace,
  call: string,
  happen: () => Promise<unknown>,
  ...words: string[]
): Promise<Held> {
  const names = new Map((await volumesOf(namespace)).map(({ metadata }) => [metadata.name, '(old)']));
  const happened: Promise<unknown>[] = [];
  const onCall = async ({ key }: { key: string }): Promise<void> => {
    if (key !== call) return;
    const happening = happen();
    happened.push(happening);
    await happening;
  };
  const proxy = await openProxy(namespace.cluster, names, [], () => undefined, onCall);
  try {
    const finished = await run(['--namespace', namespace.name, ...words], { KUBECONFIG: proxy.kubeconfig }).finished;
    // What went wrong there is told here: the proxy would only have ended the connection.
    await Promise.all(happened);
    return { ...finished, came: happened.length > 0, calls: proxy.calls.map(({ key }) => key) };
  } finally {
    await proxy.close();
  }
}

/** @throws AssertionError when the call has not come */
export function assertCame({ came, calls, stderr }: Held): void {
  assert.ok(came, `the call did not come:\n${calls.join('\n')}\n${stderr}`);
}
