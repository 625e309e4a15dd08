/** `create --velero`: a backup or a schedule of Velero's; a backup is waited for, and what it holds is checked. */
import { readFile } from 'node:fs/promises';
import { missingRights } from '../cluster/access.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { parseDuration } from '../cluster/config.ts';
import { RefusedError, UsageError, reasonOf } from '../errors.ts';
import { documentsIn } from '../terminal/yaml-documents.ts';
import { checkSetName, defaultSetName } from '../sets/names.ts';
import { cronProblem } from '../velero/cron.ts';
import { parseLabelSelector } from '../velero/label-selector.ts';
import { veleroHome } from '../velero/home.ts';
import { locationFindings } from '../velero/location-findings.ts';
import type { BackupWish } from '../velero/make-backup.ts';
import { backupOf, scheduleOf } from '../velero/make-backup.ts';
import { backups, schedules } from '../velero/resources.ts';
import { claimsIn } from '../velero/selected-claims.ts';
import { selectorsOf } from '../workloads/selectors-of.ts';
import { parseTarget, resolveTargets } from '../workloads/targets.ts';
import { followThrough, rightsToFollow } from './backup-follow.ts';
import type { Arguments, Invocation } from './command.ts';
import { dryRunOf, formatOf, listOf, textOf, timeoutMsOf } from './flags.ts';
import { printResult } from './print.ts';
import { storeAddressOf } from './velero-flags.ts';

export async function runCreateBackup(invocation: Invocation): Promise<void> {
  const { args, output, connect } = invocation;
  const [format, dryRun, schedule] = [formatOf(args), dryRunOf(args), scheduleText(args)];
  timeoutMsOf(args);
  storeAddressOf(args);
  if (textOf(args, 'class') !== undefined) {
    throw new UsageError("--class: Velero chooses the VolumeSnapshotClass, by its label or the claim's annotation");
  }
  const cluster = connect();
  const isLater = schedule !== undefined;
  const { wish, expected } = await wishOf(cluster, args, await hooksOf(args), isLater);
  const resource = isLater ? schedules : backups;
  const right = { verb: 'create', resource, namespace: wish.home } as const;
  const missing = await missingRights(cluster, [right, ...(isLater ? [] : rightsToFollow(wish.home))]);
  const findings = [...missing, ...(await locationFindings(cluster, wish.home, wish.storageLocation, { isLater }))];
  if (findings.length > 0) throw new RefusedError(`${wish.name} can't be made; nothing was made`, findings);
  const object = isLater ? scheduleOf(wish, schedule) : backupOf(wish);
  const name = `${resource.singular}.velero.io/${wish.name}`;
  if (dryRun !== 'none' || isLater) {
    const isStored = dryRun !== 'client';
    const made = isStored ? await cluster.create(resource, object, { dryRun: dryRun === 'server' }) : object;
    await printResult(output, { format, dryRun, name, verb: 'created', items: [made] });
    return;
  }
  await followThrough(invocation, cluster, backupOf(wish), { namespaces: wish.namespaces, expected });
}

interface Wished {
  wish: BackupWish;
  /** `namespace/name` of the claims that it must hold. */
  expected: string[];
}

async function wishOf(
  cluster: Cluster,
  args: Arguments,
  hooks: object | undefined,
  isSchedule: boolean,
): Promise<Wished> {
  const targets = args._.map(parseTarget);
  const selector = textOf(args, 'selector');
  const given = listOf(args, 'include-namespaces');
  const namespaces = given.length > 0 ? given : [cluster.namespace];
  if (targets.length > 0 && (selector !== undefined || given.length > 0)) {
    throw new UsageError('--velero takes workloads, or -l SELECTOR and --include-namespaces: not both');
  }
  const selectors =
    selector === undefined ? await selectorsOf(cluster, cluster.namespace, targets) : [parseLabelSelector(selector)];
  const first = targets[0]?.name ?? namespaces[0] ?? 'backup';
  const wish: BackupWish = {
    name: nameOf(args, first, isSchedule),
    home: await veleroHome(cluster, textOf(args, 'velero-namespace')),
    namespaces,
    selectors,
    ttl: ttlOf(args),
    storageLocation: textOf(args, 'storage-location'),
    resources: listOf(args, 'include-resources'),
    hooks,
  };
  return { wish, expected: await claimsOf(cluster, namespaces, selector, targets) };
}

async function claimsOf(
  cluster: Cluster,
  namespaces: string[],
  labelSelector: string | undefined,
  targets: ReturnType<typeof parseTarget>[],
): Promise<string[]> {
  if (targets.length > 0) {
    const { claims, findings } = await resolveTargets(cluster, cluster.namespace, targets, undefined);
    if (findings.length > 0) throw new RefusedError("the backup can't be made; nothing was made", findings);
    return claims.map(({ metadata }) => `${cluster.namespace}/${metadata.name}`);
  }
  return claimsIn(cluster, { includedNamespaces: namespaces }, labelSelector);
}

function nameOf(args: Arguments, first: string, isSchedule: boolean): string {
  const name = textOf(args, 'name');
  if (name !== undefined) return checkSetName(name);
  if (isSchedule) throw new UsageError('--schedule needs --name: its backups are called after it');
  return defaultSetName(first, Math.floor(Date.now() / 1000));
}

function ttlOf(args: Arguments): string | undefined {
  const ttl = textOf(args, 'ttl');
  if (ttl === undefined || (parseDuration(ttl) ?? 0) > 0) return ttl;
  throw new UsageError(`--ttl "${ttl}": expected a duration such as 720h`);
}

function scheduleText(args: Arguments): string | undefined {
  const text = textOf(args, 'schedule')?.trim();
  if (text === undefined) return undefined;
  const problem = cronProblem(text);
  if (problem === undefined) return text;
  throw new UsageError(`--schedule "${text}": ${problem}`);
}

async function hooksOf(args: Arguments): Promise<object | undefined> {
  const file = textOf(args, 'hooks');
  if (file === undefined) return undefined;
  let value: unknown;
  try {
    [value] = await documentsIn(await readFile(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`--hooks "${file}": ${reasonOf(error)}`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new UsageError(`--hooks "${file}": expected spec.hooks of a Backup: an object with resources`);
}
