/** `doctor`: what is wrong with Velero, and what to do. */
import type { Options } from 'yargs';
import { UsageError, VerbatimError } from '../errors.ts';
import { age } from '../terminal/age.ts';
import { checksText } from '../terminal/checks.ts';
import type { Report } from '../velero/doctor/examine.ts';
import { examine } from '../velero/doctor/examine.ts';
import type { Command, Invocation } from './command.ts';
import { fixLeftovers } from './doctor/fix.ts';
import { dryRunFlag, dryRunOf, formatOf, outputFlag, textOf, yesFlag } from './flags.ts';
import { printValue } from './print.ts';
import { storeAddressOf, veleroFlags } from './velero-flags.ts';

export const flags: Record<string, Options> = {
  fix: {
    type: 'boolean',
    describe: 'Remove what restores and deleted backups have left behind: objects, never what is on storage',
  },
  ...veleroFlags,
  yes: { ...yesFlag, describe: "Don't ask before --fix" },
  'dry-run': { ...dryRunFlag, describe: `With --fix: ${dryRunFlag.describe ?? ''}` },
  output: { ...outputFlag, describe: 'How to print the result: json or yaml; with --fix name too' },
};

export const usage =
  '$0 doctor [velero] [flags]\n\nLooks at Velero: its server, stores, backups and schedules, and whether backups of this cluster will hold snapshots.\n' +
  'Each check says what is wrong and what to do. Exits with 1 when something is wrong. With -n, only claims, volumes\n' +
  'and snapshots of that namespace are looked at.';

export const examples: Command['examples'] = [
  ['$0 doctor velero', 'Is all well?'],
  ['$0 doctor velero --store-address 127.0.0.1:9000', 'With the store behind a port-forward'],
  ['$0 doctor velero --fix --dry-run=client', 'Show what restores have left behind'],
  ['$0 doctor velero --fix -n kafka', 'Remove it from one namespace'],
];

/** @throws VerbatimError without words when something is wrong: the report has said it */
export async function run(invocation: Invocation): Promise<void> {
  const { args, output, connect, cancelled } = invocation;
  const [word = 'velero', more] = args._;
  if (word !== 'velero' || more !== undefined) {
    throw new UsageError(`doctor "${args._.join(' ')}": expected velero, or nothing`);
  }
  if (args.fix === true) {
    await fixLeftovers(invocation);
    return;
  }
  if (dryRunOf(args) !== 'none') throw new UsageError('--dry-run goes with --fix: without, doctor changes nothing');
  const format = formatOf(args);
  if (format === 'name') throw new UsageError('--output "name": expected json, yaml');
  const storeAddress = storeAddressOf(args);
  const report = await examine(connect(), {
    veleroNamespace: textOf(args, 'velero-namespace'),
    namespace: textOf(args, 'namespace'),
    storeAddress,
    nowMs: Date.now(),
    ago: age,
    signal: cancelled,
  });
  if (format !== undefined) await printValue(output, format, report);
  else await output.print(`${checksText(report.checks, output.width, output.alarming)}\n\n${conclusion(report)}\n`);
  if (report.problems > 0) throw new VerbatimError('');
}

function conclusion({ problems, checks }: Report): string {
  const unseen = checks.filter(({ state }) => state === 'not checked').length;
  const rest = unseen === 0 ? '' : ` ${unseen} of ${checks.length} checks could not be made.`;
  if (problems === 0) return `Nothing is wrong${unseen === 0 ? '' : ' with what could be looked at'}.${rest}`;
  return `${problems} of ${checks.length} checks found something wrong.${rest}`;
}
