/** Who would start stopped workloads again: schedules, custom resources with their operators, autoscalers, GitOps. */
import type { Cluster } from '../cluster/cluster.ts';
import type { CronJob, KubeObject } from '../cluster/objects.ts';
import { cronJobs as cronJobResource } from '../cluster/resources.ts';
import type { Finding } from '../errors.ts';
import { findAutoscalers } from './autoscalers.ts';
import { findGitOps } from './gitops.ts';
import { groupOf } from './group-of.ts';
import { displayName } from './kinds.ts';
import { namedOperators } from './named-operators.ts';
import { findOperator } from './operator-deployment.ts';
import type { OperatorEntry } from './operators.ts';
import { operatorEntryOf, resourceOwner } from './operators.ts';
import type { Owner } from './owner.ts';
import { ownerResource, ownerRoles } from './owner.ts';
import type { Parent, Parents } from './parents.ts';
import { parentReader } from './parents.ts';
import type { ScaleTarget } from './scale-target.ts';
import type { NamedWorkload, StopChoices } from './stop-choices.ts';
import { unheld } from './unheld.ts';
import type { WorkloadInUse } from './users.ts';

interface Asked {
  workloads: readonly WorkloadInUse[];
  /** Those that use the claims. */
  cronJobs: readonly CronJob[];
  choices: StopChoices;
}

export interface FoundOwners {
  owners: Owner[];
  /** With the way to stop each that fits what stands above it, without those that the person leaves alone. */
  workloads: WorkloadInUse[];
  findings: Finding[];
  notes: string[];
}

export async function findOwners(
  cluster: Cluster,
  namespace: string,
  { workloads, cronJobs, choices }: Asked,
): Promise<FoundOwners> {
  const found: FoundOwners = { owners: [], workloads: [], findings: [], notes: [] };
  const named = await namedOperators(cluster, choices.stop);
  found.findings.push(...named.findings);
  const parentsOf = parentReader(cluster, namespace);
  const chains = await Promise.all(
    workloads.map(async (workload) => ({ workload, ...(await parentsOf(workload.object)) })),
  );
  const left = new Set<string>();
  const isLeft = (name: string): boolean => {
    if (choices.leave.includes(name)) left.add(name);
    return choices.leave.includes(name);
  };
  const kept = chains.filter(({ workload }) => !isLeft(displayName(workload)));
  for (const { workload } of chains.filter((chain) => !kept.includes(chain))) {
    found.notes.push(
      `${displayName(workload)} is not stopped, as you say: its pods must be gone all the same before the swap.`,
    );
  }
  const resources = resourcesAbove(kept);
  const verdicts = new Map<string, Verdict>();
  for (const resource of resources.values()) {
    verdicts.set(uidOf(resource.top.object), await judge(cluster, resource, named.owners.length > 0, isLeft));
  }
  for (const verdict of verdicts.values()) {
    found.owners.push(...verdict.owners);
    found.findings.push(...verdict.findings);
    found.notes.push(...verdict.notes);
  }
  for (const chain of kept) {
    const { unseen } = chain;
    if (unseen !== undefined && !isLeft(unseen.name)) found.findings.push(unseen.finding);
    found.workloads.push(asStopped(chain, verdicts));
  }
  const changed = [
    ...kept.map(({ workload }) => workload.object),
    ...cronJobs,
    ...[...resources.values()].map(({ top }) => top.object),
    ...[...verdicts.values()].flatMap(({ operators = [] }) => operators),
    ...named.objects,
  ];
  const [gitOps, autoscalers] = [
    await findGitOps(cluster, changed),
    await findAutoscalers(cluster, namespace, scaled(kept)),
  ];
  for (const { owners, findings, notes } of [gitOps, autoscalers]) {
    found.owners.push(...owners.filter((owner) => !isLeft(nameOf(owner))));
    // Whether somebody has stopped one that may not be read, the person knows.
    found.findings.push(...findings.filter(({ about }) => !isLeft(about.replace(/ in namespace .*$/, ''))));
    found.notes.push(...notes);
  }
  found.owners.push(
    ...cronJobs
      .filter(({ metadata }) => !isLeft(`cronjob/${metadata.name}`))
      .map(unheld)
      .flatMap(scheduleOwner),
  );
  found.owners.push(...named.owners);
  const names = [...found.workloads.map(displayName), ...found.owners.map(nameOf)];
  found.findings.push(...unmatched(choices, left, names));
  return { ...found, owners: inOrder(unique(found.owners)) };
}

/** A name that is mistyped would be stopped all the same, or not in its turn. */
function unmatched(choices: StopChoices, left: ReadonlySet<string>, names: string[]): Finding[] {
  const { leave, order, isCarried, doubted = [] } = choices;
  if (isCarried === true) return doubted.map(unsaid);
  const remedy = names.length === 0 ? 'nothing has to be stopped' : `there is: ${names.join(', ')}`;
  const notLeft = leave.filter((name) => !left.has(name)).map((name) => `--no-stop ${name}`);
  const notOrdered = order.filter((name) => !names.includes(name)).map((name) => `--order ${name}`);
  return [...notLeft, ...notOrdered].map((about) => ({
    about,
    problem: 'uses none of the claims, and owns nothing that does',
    remedy,
  }));
}

function unsaid({ kind, name, namespace }: NamedWorkload): Finding {
  const about = `--stop ${namespace}/${displayName({ kind, name })}`;
  return {
    about,
    problem: 'was said when the operation began; of another namespace its record is not believed',
    remedy: `say it again, with all that is to hold: ${about}`,
  };
}

type Chain = Parents & { workload: WorkloadInUse };

interface Above {
  /** The one to act on: the outermost that an operator is known for, else the root. */
  top: Parent;
  entry: OperatorEntry | undefined;
  /** What it stands above of what is to be stopped. */
  workloads: WorkloadInUse[];
}

/** The custom resources above, each once. CronJobs above Jobs are found as such. */
function resourcesAbove(chains: readonly Chain[]): Map<string, Above> {
  const found = new Map<string, Above>();
  for (const { workload, above } of chains) {
    const custom = above.filter(({ resource }) => resource.group !== 'batch');
    const top = custom.findLast(({ object }) => operatorEntryOf(object) !== undefined) ?? custom.at(-1);
    if (top === undefined) continue;
    const known = found.get(uidOf(top.object));
    if (known === undefined) {
      found.set(uidOf(top.object), { top, entry: operatorEntryOf(top.object), workloads: [workload] });
    } else known.workloads.push(workload);
  }
  return found;
}

interface Verdict {
  owners: Owner[];
  findings: Finding[];
  notes: string[];
  /** The Deployments that are stopped: they too may be kept as they are in git. */
  operators?: KubeObject[];
  /** It ends and starts its pods itself. */
  isShutdown?: boolean;
  /** It only ends them. */
  staysOff?: boolean;
}

/** What is done about one custom resource. */
async function judge(
  cluster: Cluster,
  { top, entry, workloads }: Above,
  isOperatorNamed: boolean,
  isLeft: (name: string) => boolean,
): Promise<Verdict> {
  const name = displayName({ kind: top.object.kind.toLowerCase(), name: top.object.metadata.name });
  if (isLeft(name)) return { owners: [], findings: [], notes: [`${name} is left alone, as you say.`] };
  const paused = entry === undefined ? [] : [resourceOwner(top.object, top.resource, entry)];
  const isEnough = entry !== undefined && entry.needsOperatorStopped !== true;
  if (isEnough) {
    const staysOff = entry.staysOff === true;
    const notes = staysOff ? [`${name} stays off afterwards: only a person starts it.`] : [];
    return { owners: paused, findings: [], notes, isShutdown: entry.how === 'shutdown', staysOff };
  }
  const operator = await findOperator(cluster, top, workloads);
  const { owners, objects, notes } = operator;
  // The one that is named may be this one's, or that of another custom resource: one that is found is stopped all the same.
  const findings = isOperatorNamed ? [] : operator.findings;
  return { owners: [...paused, ...owners], operators: objects, findings, notes };
}

function asStopped({ workload, above }: Chain, verdicts: ReadonlyMap<string, Verdict>): WorkloadInUse {
  const under = above
    .toReversed()
    .map(({ object }) => displayName({ kind: object.kind.toLowerCase(), name: object.metadata.name }));
  const own = above.flatMap(({ object }) => verdicts.get(uidOf(object)) ?? []);
  const isEnded = own.some(({ isShutdown }) => isShutdown === true);
  const replicas = own.some(({ staysOff }) => staysOff === true) ? 0 : workload.replicas;
  return { ...workload, under, replicas, ...(isEnded && { how: 'wait' as const }) };
}

/** What autoscalers may be about: workloads, and custom resources above them. */
function scaled(chains: readonly Chain[]): ScaleTarget[] {
  const objects = chains.flatMap(({ workload, above }) => [workload.object, ...above.map(({ object }) => object)]);
  return [...new Set(objects)].map((object) => ({
    group: groupOf(object),
    kind: object.kind,
    name: object.metadata.name,
  }));
}

/** A suspended one starts nothing. */
function scheduleOwner(cronJob: CronJob): Owner[] {
  if (cronJob.spec.suspend === true) return [];
  const { name, namespace = '', uid = '' } = cronJob.metadata;
  const before = cronJob.spec.suspend;
  const change = { path: ['spec', 'suspend'], during: true, ...(before !== undefined && { before }) };
  return [
    {
      role: 'schedule',
      resource: ownerResource(cronJobResource),
      namespace,
      name,
      uid,
      changes: [change],
      how: 'pause',
    },
  ];
}

/** Whoever acts on the others is stopped first. */
function inOrder(owners: readonly Owner[]): Owner[] {
  return ownerRoles.flatMap((role) => owners.filter((owner) => owner.role === role));
}

function unique(owners: readonly Owner[]): Owner[] {
  return [...new Map(owners.map((owner) => [owner.uid, owner])).values()];
}

function nameOf({ resource, name }: Owner): string {
  return displayName({ kind: resource.kind.toLowerCase(), name });
}

function uidOf({ metadata }: KubeObject): string {
  return metadata.uid ?? '';
}
