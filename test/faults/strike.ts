/** Runs a verb once, through the proxy, with calls harmed. */
import type { Finished, TestNamespace } from '../cluster/namespace.ts';
import type { Running } from '../e2e/program.ts';
import { run } from '../e2e/program.ts';
import type { Call } from './call.ts';
import { takeBackup } from './backup.ts';
import { faultOf } from './faults.ts';
import type { Harm } from './proxy.ts';
import { openProxy } from './proxy.ts';
import type { Scene } from './scene.ts';
import { namesOf } from './scene.ts';
import type { VerbName } from './verbs.ts';
import { verbs } from './verbs.ts';

/** Longer than anything that the program may wait for. */
const hangMs = 170_000;

export interface Struck extends Finished {
  calls: readonly Call[];
  /** Those of the harms whose call came. */
  struck: readonly Harm[];
  /** By the fault; it said nothing about what it did. */
  wasKilled: boolean;
}

/** @throws Error when the program doesn't end */
export async function strike(scene: Scene, verb: VerbName, harms: readonly Harm[] = []): Promise<Struck> {
  const { namespace, backup } = scene;
  if (verb === 'create' && backup !== undefined) {
    await takeBackup(namespace, backup);
    return { code: 0, stdout: '', stderr: '', calls: [], struck: [], wasKilled: false };
  }
  let kill = (): void => undefined;
  const proxy = await openProxy(namespace.cluster, await namesOf(scene), harms, () => {
    kill();
  });
  try {
    const words = [...verbs[verb].words(scene), ...harms.flatMap(({ fault }) => faultOf(fault).flags ?? [])];
    const running = run(['--namespace', namespace.name, ...words], { KUBECONFIG: proxy.kubeconfig });
    kill = () => running.child.kill('SIGKILL');
    const finished = await endOf(running, words);
    const { calls, struck } = proxy;
    return { ...finished, calls, struck, wasKilled: struck.some(({ fault }) => faultOf(fault).isDeadly === true) };
  } finally {
    await proxy.close();
  }
}

/** Runs the program unharmed. */
export async function pvsnapUnharmed({ name, cluster }: TestNamespace, ...words: string[]): Promise<Finished> {
  return endOf(run(['--namespace', name, ...words], { KUBECONFIG: cluster.kubeconfig }), words);
}

/** @throws Error when it doesn't end */
export async function endOf(running: Running, words: readonly string[]): Promise<Finished> {
  const hung = new AbortController();
  const timer = setTimeout(() => {
    hung.abort();
    running.child.kill('SIGKILL');
  }, hangMs);
  const finished = await running.finished;
  clearTimeout(timer);
  if (!hung.signal.aborted) return finished;
  throw new Error(`"${words.join(' ')}" did not end within ${hangMs / 1000} s:\n${finished.stderr}`);
}
