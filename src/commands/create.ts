/** `create`: takes a set of the targets' claims at one instant. */
import type { Options } from 'yargs';
import { missingRights } from '../cluster/access.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { createAll } from '../cluster/dry-run.ts';
import { snapshots } from '../cluster/resources.ts';
import { CancelledError, FailedError, RefusedError, UsageError } from '../errors.ts';
import type { Member } from '../sets/member.ts';
import { problemOf, stateOf } from '../sets/member.ts';
import { checkSetName, defaultSetName } from '../sets/names.ts';
import type { SetPlan } from '../sets/prepare.ts';
import { prepareSet } from '../sets/prepare.ts';
import { isComplete } from '../sets/set.ts';
import type { Taken } from '../sets/take.ts';
import { takeSet } from '../sets/take.ts';
import type { ResolvedTargets } from '../workloads/targets.ts';
import { parseTarget, resolveTargets, rightsToResolve } from '../workloads/targets.ts';
import { backupFlags, refuseBackupFlags } from './backup-flags.ts';
import type { Arguments, Command, Invocation } from './command.ts';
import { openCreateProgress, summaryOf } from './create-progress.ts';
import { dryRunFlag, dryRunOf, formatOf, outputFlag, textOf, timeoutMsOf } from './flags.ts';
import { pickWorkload } from './pick.ts';
import { printResult } from './print.ts';

export const flags: Record<string, Options> = {
  name: { type: 'string', describe: "The set's name; <target>-<epoch seconds> when not given" },
  class: {
    type: 'string',
    describe: "VolumeSnapshotClass; the default class of each claim's driver when not given",
  },
  selector: { type: 'string', alias: 'l', describe: 'Claims with these labels, such as -l app=kafka' },
  timeout: { type: 'string', default: '10m', describe: 'How long to wait until all are ready; the set stays' },
  wait: { type: 'boolean', default: true, describe: 'Wait until all are ready' },
  ...backupFlags,
  'dry-run': dryRunFlag,
  output: outputFlag,
};

export const usage =
  '$0 create TARGET... [flags]\n\nTakes a SnapshotSet: snapshots of all claims of the targets, at one instant.';

export const examples: Command['examples'] = [
  ['$0 create statefulset/es-kafka statefulset/es-zookeeper', 'Two workloads in one set'],
  ['$0 create pvc/data-es-kafka-0 --name before-upgrade', 'One claim, with a name for the set'],
  ['$0 create -l app=kafka --class csi-rbd', 'All claims with a label, with a class of your choice'],
  ['$0 create --velero --name before-upgrade', 'A backup by Velero, and a look at what it holds'],
  ['$0 create --velero --schedule "0 2 * * *" --name nightly', 'Backups by Velero, each night'],
  ['$0 create sts/es-kafka --dry-run=client -o yaml', 'Show the snapshots that would be made'],
];

export async function run(invocation: Invocation): Promise<void> {
  const { args, output, connect } = invocation;
  if (args.velero === true) {
    const { runCreateBackup } = await import('./create-backup.ts');
    await runCreateBackup(invocation);
    return;
  }
  refuseBackupFlags(args);
  const words = args._;
  const name = textOf(args, 'name');
  if (name !== undefined) checkSetName(name);
  const [format, dryRun, timeoutMs] = [formatOf(args), dryRunOf(args), timeoutMsOf(args)];
  const parsed = words.map(parseTarget);
  const selector = textOf(args, 'selector');
  if (parsed.length === 0 && selector === undefined && !output.interactive) {
    throw new UsageError('create needs a target: TYPE/NAME such as statefulset/es-kafka, pvc/NAME, or -l SELECTOR');
  }

  const cluster = connect();
  const targets = parsed.length > 0 || selector !== undefined ? parsed : [await pickWorkload(cluster)];
  const missing = await missingRights(cluster, rightsToResolve(cluster.namespace, targets));
  if (missing.length > 0) throw new RefusedError("the set can't be taken; nothing was made", missing);
  const resolved = await resolveTargets(cluster, cluster.namespace, targets, selector);
  const plan = await planOf(cluster, args, resolved, targets[0]?.name ?? 'claims');
  if (dryRun !== 'none') {
    const items = dryRun === 'server' ? await createAll(cluster, snapshots, plan.snapshots) : plan.snapshots;
    await printResult(output, { format, dryRun, name: `snapshotset/${plan.name}`, verb: 'created', items });
    return;
  }
  await take(invocation, cluster, plan, timeoutMs);
}

/** @throws RefusedError with every finding: about the targets, and about their claims */
async function planOf(
  cluster: Cluster,
  args: Arguments,
  { claims, description, findings }: ResolvedTargets,
  firstName: string,
): Promise<SetPlan> {
  const epochSeconds = Math.floor(Date.now() / 1000);
  const name = textOf(args, 'name') ?? defaultSetName(firstName, epochSeconds);
  const request = {
    name,
    namespace: cluster.namespace,
    target: description,
    className: textOf(args, 'class'),
    epochSeconds,
  };
  const prepared = await prepareSet(cluster, claims, request);
  const all = [...findings, ...prepared.findings];
  if (all.length > 0) throw new RefusedError(`${name} can't be taken; nothing was made`, all);
  return prepared.plan;
}

async function take(invocation: Invocation, cluster: Cluster, plan: SetPlan, timeoutMs: number): Promise<void> {
  const { args, output, cancelled } = invocation;
  const startedAtMs = performance.now();
  output.note(`Taking set ${plan.name} of ${plan.target}\n\n`);
  const progress = openCreateProgress(output, plan);
  let taken: Taken;
  try {
    const signal = AbortSignal.any([cancelled, AbortSignal.timeout(timeoutMs)]);
    taken = await takeSet(cluster, plan, { signal, wait: args.wait !== false, onMember: progress.show });
    progress.finish(taken);
  } finally {
    progress.close();
  }
  output.note(summaryOf(taken, plan, performance.now() - startedAtMs));
  await printResult(output, {
    format: formatOf(args),
    dryRun: 'none',
    name: `snapshotset/${plan.name}`,
    verb: 'created',
    items: taken.set.members.map(({ snapshot }) => snapshot),
  });
  if (args.wait !== false || taken.refused.size > 0) checkTaken(taken, plan, invocation);
}

function reasonFor(member: Member): string {
  if (stateOf(member) === 'deleting') return 'its snapshot is being deleted';
  return problemOf(member) ?? 'not ready, the driver has not said why';
}

/** @throws CancelledError or FailedError when the set isn't whole: it stays, and the message says how to look at it */
function checkTaken({ set, refused, deleted, ended }: Taken, plan: SetPlan, { programName, args }: Invocation): void {
  const look = `The set stays as it is: ${programName} get sets -n ${plan.namespace}`;
  if (ended instanceof CancelledError) throw new CancelledError(`stopped waiting for ${plan.name}. ${look}`);
  if (isComplete(set) && refused.size + deleted.length === 0) return;
  const unready = set.members.filter((member) => stateOf(member) !== 'ready');
  const reasons = [
    ...[...refused].map(([name, words]) => `  ${name}: could not be created: ${words}`),
    ...deleted.map((name) => `  ${name}: was deleted by somebody while it was being taken`),
    ...(args.wait === false ? [] : unready.map((member) => `  ${member.claim}: ${reasonFor(member)}`)),
  ];
  const cause = ended instanceof DOMException ? ' within --timeout' : '';
  throw new FailedError(
    `${unready.length + refused.size + deleted.length} of ${plan.snapshots.length} members of ${plan.name} did not get ready${cause}\n` +
      `${reasons.join('\n')}\n${look}`,
  );
}
