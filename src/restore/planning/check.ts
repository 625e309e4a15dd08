/** Why a restore can't be done, as far as what was observed tells: every reason at once. Pure. */
import { parseQuantity, readableBytes } from '../../cluster/quantity.ts';
import type { Finding } from '../../errors.ts';
import { isReady, pointsBack, problemOf, restoreSizeBytes, stateOf } from '../../sets/member.ts';
import type { Claim, Volume } from '../../cluster/objects.ts';
import { asStatefulSet, displayName } from '../../workloads/kinds.ts';
import { deletesClaims } from '../../workloads/retention.ts';
import type { WorkloadInUse } from '../../workloads/users.ts';
import { operationMark } from '../marks.ts';
import type { Strategy } from '../plan.ts';
import type { Observed, ObservedMember } from './observe.ts';
import { waitsForConsumer } from './observe.ts';
import { nodesToTry } from './nodes.ts';
import type { RestoreRequest } from '../request.ts';
import { sourceName } from '../request.ts';

type Problem = Omit<Finding, 'about'>;

export function findingsOf(observed: Observed, request: RestoreRequest, strategy: Strategy = 'swap'): Finding[] {
  const { members, expected } = observed;
  const findings: Finding[] = [];
  if (members.length < expected) {
    findings.push({
      about: sourceName(request),
      problem: `it was taken of ${expected} claims, and ${expected - members.length} of its snapshots are gone`,
      remedy: `restore those that are there: --only ${members.map(({ member }) => `pvc/${member.claim}`).join(',')}`,
    });
  }
  findings.push(...doubles(members));
  for (const member of members) {
    const about = member.member.claim === '' ? `vs/${member.member.snapshot.metadata.name}` : member.member.claim;
    const problems = [
      snapshotProblem(member),
      manifestProblem(member),
      ...claimProblems(member, request, strategy),
      classProblem(member, observed),
      sizeProblem(member, request),
    ];
    for (const problem of problems) if (problem !== undefined) findings.push({ about, ...problem });
  }
  if (strategy === 'replace') findings.push(...observed.users.workloads.flatMap(deletingFindings));
  return [...findings, ...observed.users.findings];
}

/** Its owner runs on, and may put the policy back before there is a copy of the claims; no volume is kept then. */
function deletingFindings(workload: WorkloadInUse): Finding[] {
  if (workload.how !== 'wait' || !deletesClaims(asStatefulSet(workload))) return [];
  return [
    {
      about: displayName(workload),
      problem: 'deletes its claims when its owner shuts it down (persistentVolumeClaimRetentionPolicy.whenScaled)',
      remedy: 'have its owner set the policy to Retain, or restore as a user who may patch PersistentVolumes',
    },
  ];
}

/** What the claim asks for, what the snapshot needs and what the user wants: the largest, in bytes. */
export function wantedSizeBytes({ member, manifest }: ObservedMember, request: RestoreRequest): number {
  const requested = parseQuantity(manifest?.spec?.resources?.requests?.storage ?? '0') ?? 0;
  return Math.max(requested, restoreSizeBytes(member) ?? 0, request.sizeBytes ?? 0);
}

function doubles(members: readonly ObservedMember[]): Finding[] {
  const byClaim = Map.groupBy(members, ({ member }) => member.claim);
  return [...byClaim]
    .filter(([claim, group]) => claim !== '' && group.length > 1)
    .map(([claim, group]) => ({
      about: claim,
      problem: `${group.length} snapshots of it were named: ${group.map(({ member }) => member.snapshot.metadata.name).join(', ')}`,
      remedy: 'name one',
    }));
}

function snapshotProblem({ member }: ObservedMember): Problem | undefined {
  const { snapshot, content } = member;
  const remedy = `wait for it (kubectl get vs ${snapshot.metadata.name} -w), or leave it out with --only`;
  if (stateOf(member) === 'deleting') {
    return { problem: `its snapshot ${snapshot.metadata.name} is being deleted`, remedy: 'leave it out with --only' };
  }
  if (!isReady(snapshot)) {
    const problem = problemOf(member);
    return { problem: `its snapshot is not ready${problem === undefined ? '' : `: driver says "${problem}"`}`, remedy };
  }
  if (content !== undefined && !pointsBack(content, snapshot)) {
    return {
      problem: `its snapshot is bound to content ${content.metadata.name}, which belongs to another snapshot`,
      remedy: 'leave it out with --only, and look at both with kubectl describe',
    };
  }
  return undefined;
}

function manifestProblem({ member, manifest }: ObservedMember): Problem | undefined {
  if (member.claim === '') {
    return {
      problem: 'the snapshot names no claim: it was made from a content that already existed',
      remedy: 'make a claim from it with a dataSource',
    };
  }
  if (manifest !== undefined) return undefined;
  return {
    problem: 'the claim no longer exists, and its snapshot does not carry its manifest',
    remedy: 'create the claim first (any size up to the snapshot’s, same storage class), then restore',
  };
}

function claimProblems(
  { claim, member, volume, unfinished }: ObservedMember,
  { asNew, undoing }: RestoreRequest,
  strategy: Strategy,
): Problem[] {
  if (claim === undefined || asNew) return [];
  const problems: Problem[] = [];
  if (claim.metadata.deletionTimestamp !== undefined) {
    problems.push({ problem: 'the claim is being deleted', remedy: 'wait until it is gone, then restore' });
  } else if (isMadeEmpty(claim, undoing?.operation) && strategy === 'replace') {
    // It was made again by what is undone, and waits for its data: there is nothing to keep.
  } else if (claim.status?.phase !== 'Bound' || (volume === undefined && strategy === 'swap')) {
    problems.push({
      problem: `the claim is ${claim.status?.phase ?? 'Pending'}, not Bound to a volume`,
      remedy: `delete it if it holds nothing (kubectl delete pvc ${member.claim}), then restore`,
    });
  }
  const unkeepable = strategy === 'swap' ? volumeProblem(volume) : undefined;
  if (unkeepable !== undefined) problems.push(unkeepable);
  if (unfinished.length > 0) {
    problems.push({
      problem: `another snapshot of it is unfinished (${unfinished.join(', ')}), and would block the swap`,
      remedy: 'wait until it is ready, or delete it',
    });
  }
  return problems;
}

/** Once its claim lets go of it, a volume that is being deleted is gone, whatever its reclaim policy. */
function volumeProblem(volume: Volume | undefined): Problem | undefined {
  if (volume?.metadata.deletionTimestamp === undefined) return undefined;
  return {
    problem: `its volume ${volume.metadata.name} is being deleted, and could not be kept`,
    remedy: 'with --strategy replace a safety set keeps its data',
  };
}

/** Made by an operation that was interrupted before the claim had a volume. */
export function isMadeEmpty({ metadata, spec }: Claim, operation: string | undefined): boolean {
  const isOurs = operation !== undefined && metadata.annotations?.[operationMark] === operation;
  return isOurs && (spec?.volumeName ?? '') === '';
}

function classProblem(observed: ObservedMember, { nodes }: Observed): Problem | undefined {
  const { member, manifest, storageClass, volume, node } = observed;
  if (manifest === undefined) return undefined;
  const name = manifest.spec?.storageClassName ?? '';
  if (storageClass === undefined) {
    return { problem: `its storage class "${name}" does not exist`, remedy: 'create the class again, then restore' };
  }
  const driver = member.content?.spec.driver;
  if (driver !== undefined && storageClass.provisioner !== driver) {
    return {
      problem: `its snapshot is of driver ${driver}, its storage class "${name}" of ${storageClass.provisioner}`,
      remedy: 'restore it with a claim of a class of the snapshot’s driver',
    };
  }
  const mode = manifest.spec?.volumeMode ?? 'Filesystem';
  const snapshotMode = member.content?.spec.sourceVolumeMode;
  if (snapshotMode !== undefined && snapshotMode !== mode && !mayChangeMode(observed)) {
    return { problem: `its snapshot is of a ${snapshotMode} volume, the claim asks for ${mode}` };
  }
  if (waitsForConsumer(observed) && nodesToTry(volume, node, nodes).length === 0) {
    const its = node === undefined ? '' : `; ${node}, where its pod is, is cordoned or gone`;
    return {
      problem: `its storage class "${name}" provisions for a node, and no node is allowed for its volume${its}`,
      remedy: 'uncordon or bring back a node in its zone',
    };
  }
  return undefined;
}

function mayChangeMode({ member }: ObservedMember): boolean {
  return member.content?.metadata.annotations?.['snapshot.storage.kubernetes.io/allow-volume-mode-change'] === 'true';
}

function sizeProblem({ member }: ObservedMember, request: RestoreRequest): Problem | undefined {
  const needed = restoreSizeBytes(member) ?? 0;
  if (request.sizeBytes === undefined || request.sizeBytes >= needed) return undefined;
  return {
    problem: `--size ${readableBytes(request.sizeBytes)} is less than its snapshot needs (${readableBytes(needed)})`,
    remedy: 'ask for more, or leave --size out',
  };
}
