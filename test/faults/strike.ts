/** Runs a verb once, through the proxy, with calls harmed. */
import type { Finished, TestNamespace } from '../cluster/namespace.ts';
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
    const finished = await running.finished;
    const { calls, struck } = proxy;
    return { ...finished, calls, struck, wasKilled: struck.some(({ fault }) => faultOf(fault).isDeadly === true) };
  } finally {
    await proxy.close();
  }
}

/** Runs the program unharmed. */
export async function pvsnapUnharmed({ name, cluster }: TestNamespace, ...words: string[]): Promise<Finished> {
  return run(['--namespace', name, ...words], { KUBECONFIG: cluster.kubeconfig }).finished;
}
