/** Reads everything that a plan depends on. Reads only; the planner decides. */
import { ifAllowed, missingRights } from '../../cluster/access.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import type { Claim, Node, Snapshot, StorageClass, Volume } from '../../cluster/objects.ts';
import { compareNatural } from '../../cluster/natural-order.ts';
import { claims, nodes, snapshots, storageClasses, volumes } from '../../cluster/resources.ts';
import { RefusedError } from '../../errors.ts';
import type { ClaimManifest } from '../../sets/manifest.ts';
import { manifestOf, parseManifest } from '../../sets/manifest.ts';
import { claimAnnotation } from '../../sets/marks.ts';
import type { Member } from '../../sets/member.ts';
import type { StoredSnapshot } from '../../sets/stored.ts';
import { memberOf } from '../../sets/member.ts';
import { contentsOf } from '../../sets/read.ts';
import { groupSets } from '../../sets/set.ts';
import { membershipOf } from '../../sets/taker.ts';
import type { Users } from '../../workloads/users.ts';
import { findUsers } from '../../workloads/users.ts';
import type { Strategy } from '../plan.ts';
import type { RestoreRequest } from '../request.ts';
import { unfinishedOf } from '../unfinished.ts';
import { livingOwners } from './owners.ts';
import { storedMembers } from './stored-members.ts';

export interface Observed {
  /** Members that were asked for. */
  members: ObservedMember[];
  /** How many members the set was taken with; the number asked for when it is no set. */
  expected: number;
  users: Users;
  /** Read only for WaitForFirstConsumer classes. undefined: the user may not, and pods name all nodes that are needed. */
  nodes: Node[] | undefined;
}

export interface ObservedMember {
  member: Member;
  /** Where the snapshot is on storage alone, and the member's objects are still to be made. */
  stored?: StoredSnapshot;
  /** The claim of today; absent when it no longer exists. */
  claim: Claim | undefined;
  volume: Volume | undefined;
  /** From the claim of today, else from what the snapshot carries; undefined when neither is there. */
  manifest: ClaimManifest | undefined;
  storageClass: StorageClass | undefined;
  /** Unfinished snapshots of this claim: each holds a finalizer on it, and its deletion would hang. */
  unfinished: string[];
  /** The node of the pod that uses the claim. */
  node: string | undefined;
}

/** @throws RefusedError when the set or a snapshot doesn't exist */
export async function observe(cluster: Cluster, request: RestoreRequest, strategy: Strategy): Promise<Observed> {
  const { namespace } = request;
  const [allSnapshots, allClaims, allClasses] = await Promise.all([
    cluster.list(snapshots, { namespace }),
    cluster.list(claims, { namespace }),
    cluster.list(storageClasses),
  ]);
  const { chosen, expected } = await choose(cluster, request, allSnapshots);
  const names = new Set(chosen.map(({ claim }) => claim));
  const users = request.asNew
    ? { workloads: [], owners: [], findings: [], notes: [], nodeOf: new Map<string, string>() }
    : await findUsers(cluster, namespace, names, request.choices);
  const members = await Promise.all(
    chosen.map(async ({ stored, ...member }): Promise<ObservedMember> => {
      const claim = allClaims.find(({ metadata }) => metadata.name === member.claim);
      const present = request.undoing === undefined ? claim : undefined;
      const manifest = await manifestFor(
        cluster,
        namespace,
        present,
        () => stored?.manifest ?? carriedManifest(member.snapshot),
      );
      const className = manifest?.spec?.storageClassName;
      return {
        member,
        ...(stored !== undefined && { stored }),
        claim,
        volume: request.asNew ? undefined : await volumeOf(cluster, claim, strategy),
        manifest,
        storageClass: allClasses.find(({ metadata }) => metadata.name === className),
        unfinished: unfinishedOf(member.claim, member.snapshot.metadata.name, allSnapshots),
        node: users.nodeOf.get(member.claim) ?? request.undoing?.nodeOf.get(member.claim),
      };
    }),
  );
  return { members, expected, users, nodes: await readNodes(cluster, members.filter(waitsForConsumer)) };
}

async function readNodes(cluster: Cluster, waiting: readonly ObservedMember[]): Promise<Node[] | undefined> {
  if (waiting.length === 0) return [];
  const missing = await missingRights(cluster, [{ verb: 'list', resource: nodes }]);
  if (missing.length === 0) return cluster.list(nodes);
  if (waiting.every(({ node }) => node !== undefined)) return undefined;
  throw new RefusedError('a WaitForFirstConsumer class needs a node to provision for; nothing was changed', missing);
}

/** A claim of such a class is provisioned only for a node. */
export function waitsForConsumer({ storageClass }: ObservedMember): boolean {
  return storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
}

async function choose(
  cluster: Cluster,
  request: RestoreRequest,
  all: readonly Snapshot[],
): Promise<{ chosen: Source[]; expected: number }> {
  const { members, expected } = await membersOf(cluster, request, all);
  members.sort((a, b) => compareNatural(a.claim, b.claim));
  const chosen = request.only.length === 0 ? members : members.filter(({ claim }) => request.only.includes(claim));
  const absent = request.only.filter((claim) => !members.some((member) => member.claim === claim));
  if (absent.length > 0) {
    throw new RefusedError(
      `--only names claims that the source has no snapshot of: ${absent.join(', ')}. ` +
        `It has: ${members.map(({ claim }) => claim).join(', ')}`,
    );
  }
  return { chosen, expected: request.only.length === 0 ? expected : chosen.length };
}

type Source = Member & Pick<ObservedMember, 'stored'>;

async function membersOf(
  cluster: Cluster,
  request: RestoreRequest,
  all: readonly Snapshot[],
): Promise<{ members: Source[]; expected: number }> {
  const { source } = request;
  if ('stored' in source) {
    const members = await storedMembers(cluster, request, source.stored);
    return { members, expected: members.length };
  }
  const wanted = 'set' in source ? setMembers(request, source.set, all) : named(request, source.snapshots, all);
  const contents = await contentsOf(cluster, wanted);
  const members = wanted.map((snapshot) =>
    memberOf(snapshot, contents.get(snapshot.status?.boundVolumeSnapshotContentName ?? '')),
  );
  const [set] = 'set' in source ? groupSets(wanted, contents) : [];
  return { members, expected: set?.expected ?? members.length };
}

function setMembers({ namespace }: RestoreRequest, name: string, all: readonly Snapshot[]): Snapshot[] {
  const found = all.filter((snapshot) => membershipOf(snapshot)?.name === name);
  if (found.length > 0) return found;
  throw new RefusedError(
    `there is no set "${name}" in namespace ${namespace}; see: kubectl pvsnap get sets -n ${namespace}`,
  );
}

function named({ namespace }: RestoreRequest, names: readonly string[], all: readonly Snapshot[]): Snapshot[] {
  return names.map((name) => {
    const found = all.find(({ metadata }) => metadata.name === name);
    if (found !== undefined) return found;
    throw new RefusedError(
      `there is no volumesnapshot "${name}" in namespace ${namespace}; see: kubectl pvsnap get vs -n ${namespace}`,
    );
  });
}

/** @param carried what the source knows of a claim that no longer exists */
async function manifestFor(
  cluster: Cluster,
  namespace: string,
  claim: Claim | undefined,
  carried: () => ClaimManifest | undefined,
): Promise<ClaimManifest | undefined> {
  const manifest = claim === undefined ? carried() : manifestOf(claim);
  return manifest === undefined ? undefined : livingOwners(cluster, manifest, namespace);
}

/** Whoever may write snapshots may write the annotation: a manifest of another claim than the snapshot's isn't believed. */
function carriedManifest({ metadata, spec }: Snapshot): ClaimManifest | undefined {
  const manifest = parseManifest(metadata.annotations?.[claimAnnotation]);
  return manifest?.metadata.name === spec.source.persistentVolumeClaimName ? manifest : undefined;
}

/** For `replace` the volume only says which nodes are allowed: a user who may not read it goes without. */
async function volumeOf(cluster: Cluster, claim: Claim | undefined, strategy: Strategy): Promise<Volume | undefined> {
  const name = claim?.spec?.volumeName ?? '';
  if (name === '') return undefined;
  const reading = cluster.find(volumes, name);
  return strategy === 'replace' ? ifAllowed(reading) : reading;
}
