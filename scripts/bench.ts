/**
 * `npm run bench [-- --only skew|downtime|requests|get|startup|velero] [--runs N] [--max-claims N] [--before WORDS]`: measures
 * the program against kubectl on clusters of real Kubernetes components. The report goes to stdout and to bench/results/,
 * progress to stderr. WORDS stand before commands whose start is measured: `chrt --fifo 1`, on a machine that does other
 * work, lets them go before it.
 */
import { parseArgs } from 'node:util';
import { connect } from '../test/cluster/api.ts';
import type { ApiLimits } from '../test/cluster/components.ts';
import { startCluster } from '../test/cluster/start.ts';
import type { Part } from './bench/bench.ts';
import { downtime } from './bench/downtime.ts';
import { get } from './bench/get.ts';
import { openReport, type Report } from './bench/report.ts';
import { requests } from './bench/requests.ts';
import { skew } from './bench/skew.ts';
import { startup } from './bench/startup.ts';
import { velero } from './bench/velero.ts';

const parts = [skew, downtime, requests, get, startup, velero];
const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
const interrupted = new AbortController();
let isListening = false;

try {
  const { only, ...settings } = settingsOf(process.argv.slice(2));
  const report = await openReport(settings.runs);
  say(`The report grows in ${report.path}`);
  for (const part of parts.filter(({ name }) => only === undefined || only === name)) {
    report.begin(part, settings.maxClaims);
    for (const apiLimits of part.clusters) {
      if (!interrupted.signal.aborted) await measure(part, { apiLimits, ...settings }, report);
    }
  }
  const { text, isOfOneVersion } = await report.finish();
  console.log(text);
  if (!isOfOneVersion) throw new Error('the source was edited while it was measured');
} catch (error) {
  process.exitCode ??= 1;
  say(`error: ${messageOf(error)}`);
}

interface Settings {
  only?: string | undefined;
  runs: number;
  maxClaims: number;
  before: string[];
}

/** @throws Error for a value that means nothing */
function settingsOf(args: string[]): Settings {
  const text = { type: 'string' } as const;
  const options = { only: text, runs: text, 'max-claims': text, before: text } as const;
  const { values } = parseArgs({ args, options });
  const names = parts.map(({ name }) => name);
  if (values.only !== undefined && !names.includes(values.only)) {
    throw new Error(`--only "${values.only}": expected ${names.join(', ')}`);
  }
  return {
    only: values.only,
    runs: countOf('--runs', values.runs, 3),
    maxClaims: countOf('--max-claims', values['max-claims'], Infinity),
    before: (values.before ?? '').split(' ').filter((word) => word !== ''),
  };
}

function countOf(flag: string, value: string | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  const count = Number(value);
  if (!Number.isInteger(count) || count < 1) throw new Error(`${flag} "${value}": expected a number from 1`);
  return count;
}

/** On a cluster of its own, which goes afterwards with all that was made. A failure is noted, and the rest goes on. */
async function measure(
  part: Part,
  { apiLimits, ...settings }: Omit<Settings, 'only'> & { apiLimits: ApiLimits },
  report: Report,
): Promise<void> {
  say(`${part.name}: starting a cluster, the sidecars' API limits ${apiLimits}`);
  try {
    const cluster = await startCluster({ apiLimits });
    const api = connect(cluster.credentials);
    try {
      // Until the first one stands, a signal ends this process at once. So does a second signal.
      listenForSignals();
      const signal = AbortSignal.any([interrupted.signal, cluster.failed]);
      const bench = { ...settings, apiLimits, cluster, api, signal, save: report.save, say };
      signal.throwIfAborted();
      for await (const row of part.measure(bench)) await report.add(part, row);
    } finally {
      api.close();
      await cluster.stop();
    }
  } catch (error) {
    process.exitCode ??= 1;
    const message = messageOf(interrupted.signal.aborted ? interrupted.signal.reason : error);
    say(`${part.name}: error: ${message}`);
    await report.addFailure(part, `Not measured to its end (API limits ${apiLimits}): ${message}`);
  }
}

function listenForSignals(): void {
  if (isListening) return;
  isListening = true;
  for (const [signal, code] of Object.entries(signals)) {
    process.once(signal, () => {
      process.exitCode = code;
      interrupted.abort(new Error('stopped by a signal'));
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function say(text: string): void {
  console.error(text);
}
