/** What a commit would destroy, or every reason why it must not. Changes nothing. */
import { missingRights } from '../../cluster/access.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import type { Claim } from '../../cluster/objects.ts';
import { compareNatural } from '../../cluster/natural-order.ts';
import { claims } from '../../cluster/resources.ts';
import type { Finding } from '../../errors.ts';
import { RefusedError } from '../../errors.ts';
import { displayName, isWorkloadKind, resourceOf } from '../../workloads/kinds.ts';
import { isRolledOut, podsAskedFor } from '../../workloads/rolled-out.ts';
import type { CommitPlan, Doomed } from '../commit-plan.ts';
import type { MarkedVolume } from '../parked.ts';
import { readMarked } from '../parked.ts';
import { operationMark } from '../marks.ts';
import type { PlanMember, PlanWorkload } from '../plan.ts';
import { isReplacing, isUnchanged, parkedBy } from '../plan.ts';
import type { Recorded } from '../records.ts';
import { findRecord } from '../records.ts';
import { readSnapshots, setsOf, onlySnapshot } from './kept-snapshots.ts';
import { undoneFindings } from '../undone.ts';
import { capacityBytes, ownPolicy } from '../volumes.ts';
import { earlierOperations } from './earlier.ts';
import { rightsToCommit, rightsToRecords } from './rights.ts';

/** @throws RefusedError with all findings */
export async function prepareCommit(cluster: Cluster, namespace: string, operation: string): Promise<CommitPlan> {
  const refuse = (findings: readonly Finding[]): void => {
    if (findings.length > 0) throw new RefusedError(`${operation} can't be committed; nothing was changed`, findings);
  };
  refuse(await missingRights(cluster, rightsToRecords(namespace)));
  const recorded = await findRecord(cluster, namespace, operation);
  const sets = setsOf(recorded);
  const keeps = { volumes: recorded === undefined || !isReplacing(recorded.plan), sets: sets.length > 0 };
  refuse(await missingRights(cluster, rightsToCommit(namespace, keeps)));
  const [marked, present, kept] = await Promise.all([
    keeps.volumes ? readMarked(cluster, namespace, operation) : [],
    cluster.list(claims, { namespace }),
    readSnapshots(cluster, namespace, sets),
  ]);
  const names = new Set([...marked.map(({ manifest }) => manifest.metadata.name), ...kept.map(({ claim }) => claim)]);
  refuse([
    ...(await undoneFindings(cluster, recorded)),
    ...openFindings(operation, recorded, marked),
    ...missingFindings(recorded, marked),
    // What another one has begun with these claims may need the volumes.
    ...(await earlierOperations(cluster, namespace, names, operation)),
    ...marked.flatMap((volume) => onlyCopy(volume, present, recorded)),
    ...kept.flatMap((snapshot) => onlySnapshot(snapshot, present)),
    ...(await downFindings(cluster, namespace, recorded?.plan.workloads ?? [])),
  ]);
  const parked = marked
    .filter(({ role }) => role === 'parked')
    .sort((a, b) => compareNatural(a.manifest.metadata.name, b.manifest.metadata.name));
  return { operation, namespace, isRecorded: recorded !== undefined, volumes: parked.map(doomed), snapshots: kept };
}

function doomed({ volume, manifest }: MarkedVolume): Doomed {
  const { name, uid = '', creationTimestamp = '' } = volume.metadata;
  return {
    volume: name,
    uid,
    claim: manifest.metadata.name,
    sizeBytes: capacityBytes(volume),
    createdAt: creationTimestamp,
    reclaimPolicy: ownPolicy(volume),
  };
}

function openFindings(operation: string, recorded: Recorded | undefined, marked: readonly MarkedVolume[]): Finding[] {
  if (recorded === undefined && marked.length === 0) {
    return [
      {
        about: operation,
        problem: 'nothing of that name is recorded or parked in this namespace',
        remedy: 'see what there is: kubectl pvsnap get operations -A',
      },
    ];
  }
  const isStaged = marked.some(({ role }) => role === 'staged');
  if (!isStaged && (recorded === undefined || recorded.phase === 'completed')) return [];
  const problem = isStaged ? 'has volumes that are not in use yet' : `is open in step ${recorded?.step ?? ''}`;
  return [
    { about: operation, problem, remedy: `end it first: kubectl pvsnap resume ${operation}, or undo ${operation}` },
  ];
}

/** Fewer than it parked, and no commit has begun: somebody has changed something, and what is left is no whole. */
function missingFindings(recorded: Recorded | undefined, marked: readonly MarkedVolume[]): Finding[] {
  if (recorded === undefined || recorded.isCommitting === true) return [];
  const there = new Set(marked.map(({ volume }) => volume.metadata.name));
  const { members, operation } = recorded.plan;
  const missing = members.flatMap(parkedBy).filter(({ volume }) => !there.has(volume));
  return missing.map(({ volume }) => ({
    about: operation,
    problem: `volume ${volume}, which it parked, is gone or no longer marked with it`,
    remedy: `look for it: kubectl get pv ${volume}; to delete the others by hand: docs/going-back.md`,
  }));
}

/** What is parked may be deleted only where the claim has another volume, or is meant to be gone. */
function onlyCopy(
  { manifest, volume, role }: MarkedVolume,
  present: readonly Claim[],
  recorded: Recorded | undefined,
): Finding[] {
  if (role !== 'parked') return [];
  const name = manifest.metadata.name;
  const claim = present.find(({ metadata }) => metadata.name === name);
  const member = recorded?.plan.members.find((planned) => planned.claim === name);
  if (claim === undefined && member !== undefined && !('staging' in member) && member.coming === undefined) return [];
  const bound = claim?.spec?.volumeName;
  const isBound = claim?.status?.phase === 'Bound' && claim.metadata.deletionTimestamp === undefined;
  if (isBound && bound !== volume.metadata.name) return isSwappedIn(claim, member) ? [] : [madeAnew(name, bound)];
  const isUsed = bound === volume.metadata.name;
  return [
    {
      about: name,
      problem: isUsed
        ? `it uses the parked volume ${bound}`
        : `there is no claim of that name that is Bound: ${volume.metadata.name} may be the only copy of its data`,
      remedy: isUsed
        ? `take the marks off the volume: kubectl label pv ${bound} pvsnap.io/operation- pvsnap.io/role-`
        : 'to bring it back: kubectl pvsnap undo --from-parked; to delete it all the same: docs/going-back.md',
    },
  ];
}

/** By this operation or a later one, or it has kept the volume that it had. */
function isSwappedIn({ metadata, spec }: Claim, member: PlanMember | undefined): boolean {
  const isKept = member !== undefined && isUnchanged(member) && member.now?.volume === spec?.volumeName;
  return isKept || metadata.annotations?.[operationMark] !== undefined;
}

/** By a StatefulSet, empty, for one. */
function madeAnew(about: string, volume = ''): Finding {
  return {
    about,
    problem: `it has been made again by somebody else, with volume ${volume}: what is parked may be the only copy of its data`,
    remedy: 'to delete it all the same: docs/going-back.md',
  };
}

/** A workload that does not run has not shown that it can do with the data it has now. */
async function downFindings(
  cluster: Cluster,
  namespace: string,
  workloads: readonly PlanWorkload[],
): Promise<Finding[]> {
  const found = await Promise.all(
    workloads.map(async (workload) => {
      if (!isWorkloadKind(workload.kind) || workload.replicas === 0) return [];
      const object = await cluster.find(resourceOf(workload.kind), workload.name, namespace);
      if (object === undefined) return [];
      const isDown = podsAskedFor(object) === 0;
      if (!isDown && isRolledOut(object)) return [];
      return [
        {
          about: displayName(workload),
          problem: isDown ? 'is stopped (0 replicas)' : 'is not ready',
          remedy: 'commit once it runs on the data of now; to go back to the parked data: kubectl pvsnap undo',
        },
      ];
    }),
  );
  return found.flat();
}
