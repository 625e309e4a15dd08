/** Reads everything that an undo depends on. Reads only; the planner decides. */
import type { Cluster } from '../../cluster/cluster.ts';
import type { Claim, Volume } from '../../cluster/objects.ts';
import { compareNatural } from '../../cluster/natural-order.ts';
import { claims, snapshots, volumes } from '../../cluster/resources.ts';
import type { ClaimManifest } from '../../sets/manifest.ts';
import type { Finding } from '../../errors.ts';
import type { Owner } from '../../workloads/owner.ts';
import type { StopChoices } from '../../workloads/stop-choices.ts';
import type { PlanWorkload } from '../plan.ts';
import { observeWorkloads } from './observe-workloads.ts';
import { sourceAnnotation } from '../marks.ts';
import type { MarkedVolume } from '../parked.ts';
import { readMarked } from '../parked.ts';
import type { Recorded } from '../records.ts';
import { unfinishedOf } from '../unfinished.ts';
import type { Role } from '../volumes.ts';
import { livingOwners } from './owners.ts';

export interface UndoRequest {
  /** The undo's own name. */
  operation: string;
  undoes: string;
  namespace: string;
  /** The record isn't believed, or isn't there. */
  fromParked: boolean;
  /** What the person says of stopping; absent: what was said of the operation to be undone holds. */
  choices?: StopChoices;
}

export interface ObservedUndo {
  members: ObservedUndoMember[];
  /** What has to be stopped and started. */
  workloads: PlanWorkload[];
  owners: Owner[];
  choices: StopChoices;
  /** What else uses the claims. */
  findings: Finding[];
  notes: string[];
}

export interface ObservedUndoMember {
  claim: string;
  /** What the operation set aside, and marked. */
  parked?: { volume: Volume; manifest: ClaimManifest };
  /** Everything else that it keeps for the claim: what it meant for it, and what it parked besides. */
  others: Kept[];
  present: Claim | undefined;
  presentVolume: Volume | undefined;
  /** Unfinished snapshots of the claim. */
  unfinished: string[];
  /** Volumes of which it can't be told which one the claim should get. */
  ambiguous: string[];
}

interface Kept {
  volume: Volume;
  role: Role;
  /** The claim, under another name, that holds it. */
  staging?: string;
}

/** @param recorded undefined when the record is gone: then what stands on the volumes tells which claims are concerned */
export async function observeUndo(
  cluster: Cluster,
  { undoes, namespace, choices: said }: UndoRequest,
  recorded: Recorded | undefined,
): Promise<ObservedUndo> {
  const [marked, allClaims, allSnapshots] = await Promise.all([
    readMarked(cluster, namespace, undoes),
    cluster.list(claims, { namespace }),
    cluster.list(snapshots, { namespace }),
  ]);
  const names = new Set([
    ...(recorded?.plan.members.map(({ claim }) => claim) ?? []),
    ...marked.map(({ manifest }) => manifest.metadata.name),
  ]);
  const members = await Promise.all(
    [...names].sort(compareNatural).map(async (claim) => {
      const present = allClaims.find(({ metadata }) => metadata.name === claim);
      const own = marked.filter(({ manifest }) => manifest.metadata.name === claim);
      const candidates = returning(own, claim, recorded);
      const parked = candidates[0];
      return {
        claim,
        ...(parked !== undefined && {
          parked: { volume: parked.volume, manifest: await livingOwners(cluster, parked.manifest, namespace) },
        }),
        others: own
          .filter((other) => other !== parked)
          .map(({ volume, role }) => ({ volume, role, ...stagingOf(volume, claim, allClaims) })),
        ambiguous: candidates.length > 1 ? candidates.map(({ volume }) => volume.metadata.name) : [],
        present,
        presentVolume: await volumeOf(cluster, present),
        unfinished: unfinishedOf(claim, '', allSnapshots),
      };
    }),
  );
  return { members, ...(await observeWorkloads(cluster, namespace, names, { operation: undoes, recorded, said })) };
}

/**
 * What the claim should get back. An undo of an interrupted operation may have parked two volumes of one claim: what the
 * operation had meant for it, and what somebody made in between. The first is meant then; of others that it had already
 * when it was undone, what the claim had.
 */
function returning(own: readonly MarkedVolume[], claim: string, recorded: Recorded | undefined): MarkedVolume[] {
  const parked = own.filter(({ role }) => role === 'parked');
  if (parked.length < 2) return parked;
  const planned =
    recorded?.plan.kind === 'undo' ? recorded.plan.members.find((member) => member.claim === claim) : undefined;
  const staged = planned?.asides.filter(({ role }) => role === 'staged').map(({ volume }) => volume) ?? [];
  const had = planned?.now === undefined ? [] : [planned.now.volume];
  const meant = new Set(staged.length > 0 ? staged : had);
  const chosen = parked.filter(({ volume }) =>
    meant.size > 0 ? meant.has(volume.metadata.name) : volume.metadata.annotations?.[sourceAnnotation] !== undefined,
  );
  return chosen.length > 0 ? chosen : parked;
}

function stagingOf({ metadata }: Volume, claim: string, all: readonly Claim[]): { staging?: string } {
  const holder = all.find(({ spec, metadata: { name } }) => spec?.volumeName === metadata.name && name !== claim);
  return holder === undefined ? {} : { staging: holder.metadata.name };
}

async function volumeOf(cluster: Cluster, claim: Claim | undefined): Promise<Volume | undefined> {
  const name = claim?.spec?.volumeName ?? '';
  return name === '' ? undefined : cluster.find(volumes, name);
}
