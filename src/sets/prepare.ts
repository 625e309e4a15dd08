/** What a set will be, and every reason why it can't be taken, before anything is made. */
import { ifAllowed, missingRights } from '../cluster/access.ts';
import type { Right } from '../cluster/access.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Claim, Snapshot } from '../cluster/objects.ts';
import { snapshotClasses, snapshots } from '../cluster/resources.ts';
import type { Finding } from '../errors.ts';
import { isClusterError, reasonOf } from '../errors.ts';
import type { ChosenClass } from './classes.ts';
import { chooseClass } from './classes.ts';
import type { Driver } from './drivers.ts';
import { driversOf } from './drivers.ts';
import { setLabel } from './marks.ts';
import { snapshotName } from './names.ts';
import { snapshotOf } from './snapshot-of.ts';

export interface SetRequest {
  name: string;
  namespace: string;
  /** As typed, in the canonical spelling. */
  target: string;
  /** --class */
  className: string | undefined;
  epochSeconds: number;
}

/** A set to be taken, as plain data: its snapshots, ready to be created. */
export interface SetPlan {
  name: string;
  namespace: string;
  target: string;
  snapshots: Snapshot[];
}

export interface Prepared {
  plan: SetPlan;
  /** Empty when the set can be taken. */
  findings: Finding[];
}

/** Asks the server about everything that the set needs; the members' own checks include a dry run of each snapshot. */
export async function prepareSet(cluster: Cluster, claims: readonly Claim[], request: SetRequest): Promise<Prepared> {
  const [rights, classes, taken, drivers] = await Promise.all([
    missingRights(cluster, rightsFor(request)),
    // What may not be read is not known: the missing right is a finding of its own, or there is another way.
    ifAllowed(cluster.list(snapshotClasses)),
    ifAllowed(cluster.list(snapshots, { namespace: request.namespace, labelSelector: `${setLabel}=${request.name}` })),
    driversOf(cluster, claims),
  ]);
  const findings = [...rights];
  if ((taken ?? []).length > 0) findings.push(nameTaken(request));

  const fit: Fit[] = [];
  for (const claim of claims) {
    const about = claim.metadata.name;
    const driver = drivers.get(about) ?? 'none';
    const unfit = unfitness(claim, driver);
    if (unfit !== undefined) findings.push({ about, ...unfit });
    if (typeof driver === 'string') continue;
    const chosen =
      classes === undefined ? unseen(request.className) : chooseClass(classes, driver.name, request.className);
    if ('finding' in chosen) findings.push({ about, ...chosen.finding });
    else fit.push({ claim, className: chosen.name });
  }
  const { name, namespace, target, epochSeconds } = request;
  const membership = { ...request, members: claims.length };
  const membersAt = (seconds: number): Snapshot[] =>
    fit.map(({ claim, className }) =>
      snapshotOf(claim, membership, { name: snapshotName(claim.metadata.name, seconds), className }),
    );
  let members = membersAt(epochSeconds);
  if (findings.length === 0) {
    let tried = await refusals(cluster, members);
    // Another set of these claims in the same second: the next one is free.
    for (let later = 1; tried.isNameTaken && later <= 10; later++) {
      members = membersAt(epochSeconds + later);
      tried = await refusals(cluster, members);
    }
    findings.push(...tried.findings);
  }
  return { plan: { name, namespace, target, snapshots: members }, findings };
}

/** A claim that can be snapshotted. */
interface Fit {
  claim: Claim;
  className: string;
}

/** What the user names is left to the server to judge. */
function unseen(className: string | undefined): ChosenClass {
  if (className !== undefined) return { name: className };
  return {
    finding: {
      problem: 'you may not list volumesnapshotclasses, so its class is not known',
      remedy: 'name it with --class',
    },
  };
}

/** What taking a set needs, beyond reading the target. */
function rightsFor({ namespace }: SetRequest): Right[] {
  return (['create', 'list', 'watch'] as const).map((verb) => ({ verb, resource: snapshots, namespace }));
}

function nameTaken({ name, namespace }: SetRequest): Finding {
  return {
    about: name,
    problem: `a set of that name exists in namespace ${namespace}`,
    remedy: 'choose another with --name; see: kubectl pvsnap get sets',
  };
}

/** Why this claim can't be snapshotted, from external-snapshotter's own checks of a source claim. */
function unfitness(claim: Claim, driver: Driver): Omit<Finding, 'about'> | undefined {
  const phase = claim.status?.phase;
  if (claim.metadata.deletionTimestamp !== undefined) {
    return { problem: 'the claim is being deleted', remedy: 'leave it out, or wait until it is made again' };
  }
  if (phase === 'Lost') {
    return { problem: 'the claim is Lost: its volume is gone', remedy: 'restore it from a snapshot, or leave it out' };
  }
  if (phase !== 'Bound') {
    return {
      problem: `the claim is ${phase ?? 'Pending'}, not Bound`,
      remedy: 'wait until a pod uses it, or leave it out',
    };
  }
  if (driver === 'unknown') {
    const remedy = 'ask for the role in docs/rbac.md';
    return { problem: 'its driver is not known: you may not get persistentvolumes', remedy };
  }
  if (driver === 'none') {
    return { problem: 'its volume is not of a CSI driver', remedy: 'leave it out: only CSI volumes have snapshots' };
  }
  return undefined;
}

/**
 * Admission, quota and names, as the server itself judges them. It also opens the connections over which the
 * snapshots will be created together a moment later.
 */
async function refusals(
  cluster: Cluster,
  members: readonly Snapshot[],
): Promise<{ findings: Finding[]; isNameTaken: boolean }> {
  const results = await Promise.allSettled(
    members.map((snapshot) => cluster.create(snapshots, snapshot, { dryRun: true })),
  );
  const findings = results.flatMap((result, index) =>
    result.status === 'fulfilled'
      ? []
      : [{ about: members[index]?.metadata.name ?? '', problem: reasonOf(result.reason) }],
  );
  const isNameTaken = results.some(
    (result) => result.status === 'rejected' && isClusterError(result.reason, 'AlreadyExists'),
  );
  return { findings, isNameTaken };
}
