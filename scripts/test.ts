/**
 * Runs test files, with one cluster for all that need it: `node scripts/test.ts [--no-cluster] [--minutes N] GLOB...`
 * The runner's own summary is the last thing on stdout.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism, constants } from 'node:os';
import { parseArgs } from 'node:util';
import { FACTS_VARIABLE, factsPath } from '../test/cluster/facts.ts';
import { startCluster } from '../test/cluster/start.ts';

const { values, positionals } = parseArgs({
  options: {
    'no-cluster': { type: 'boolean', default: false },
    // How long a file may take. A wait of the program's own may take its default of 10 minutes.
    minutes: { type: 'string', default: '3' },
  },
  allowPositionals: true,
});
try {
  process.exitCode = values['no-cluster'] ? await runTests(positionals, {}) : await runWithCluster(positionals);
} catch (error) {
  report(error);
  process.exitCode = 1;
}

async function runWithCluster(globs: string[]): Promise<number> {
  const cluster = await startCluster();
  cluster.failed.addEventListener('abort', () => {
    report(cluster.failed.reason);
  });
  try {
    const environment = { KUBECONFIG: cluster.kubeconfig, [FACTS_VARIABLE]: factsPath(cluster.directory) };
    return await runTests(globs, environment, cluster.failed);
  } finally {
    await cluster.stop();
  }
}

function report(error: unknown): void {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
}

/** @returns the exit code: the runner's, or 128 and the signal's number as a shell has it */
async function runTests(globs: string[], environment: NodeJS.ProcessEnv, giveUp?: AbortSignal): Promise<number> {
  // Tests wait for controllers more than they compute.
  const concurrency = availableParallelism() * 2;
  const options = [
    '--disable-warning=ExperimentalWarning',
    '--test-reporter=spec',
    `--test-concurrency=${concurrency}`,
    `--test-timeout=${Number(values.minutes) * 60_000}`,
  ];
  const runner = spawn(process.execPath, [...options, '--test', ...globs], {
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  const end = (): void => void runner.kill('SIGTERM');
  giveUp?.addEventListener('abort', end);
  let received: keyof typeof constants.signals | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      received = signal;
      end();
    });
  }
  const [code] = (await once(runner, 'exit')) as [number | null];
  return received ? 128 + constants.signals[received] : (code ?? 1);
}
