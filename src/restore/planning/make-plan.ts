/** From what was observed to a plan. Pure: the same observation gives the same plan. */
import { formatQuantity, parseQuantity } from '../../cluster/quantity.ts';
import type { Claim, Volume } from '../../cluster/objects.ts';
import type { ClaimManifest } from '../../sets/manifest.ts';
import { manifestOf } from '../../sets/manifest.ts';
import { joinFitting } from '../../sets/names.ts';
import { cutAt } from '../../sets/member.ts';
import { skewOf } from '../../sets/set.ts';
import { wantedSizeBytes } from './check.ts';
import { restoredFromAnnotation, operationMark } from '../marks.ts';
import { nodesToTry } from './nodes.ts';
import { capacityBytes, ownPolicy } from '../volumes.ts';
import type { Observed, ObservedMember } from './observe.ts';
import { asBefore, without } from './observe-workloads.ts';
import { waitsForConsumer } from './observe.ts';
import type { ClaimNow, PlanSource, RestoreMember, RestorePlan, StepName } from '../plan.ts';
import { workloadOf } from '../plan-workload.ts';
import type { RestoreRequest } from '../request.ts';
import { sourceName } from '../request.ts';
import { sourceOf as storedSource } from './stored-members.ts';

/** How the data of now is kept: without a safety set by its volumes. */
export interface Chosen {
  safety?: SafetySet | undefined;
  notes?: string[];
}

interface SafetySet {
  set: string;
  /** The VolumeSnapshotClass for each claim that has data, by its name. */
  classOf: ReadonlyMap<string, string>;
}

/** @param observed without findings: what can't be restored has been refused before */
export function makePlan(observed: Observed, request: RestoreRequest, chosen: Chosen = {}): RestorePlan {
  const { undoing } = request;
  const { choices, namespace } = request;
  const { held = [], stopped = [], takesOver = [] } = undoing ?? {};
  const owners = [...held, ...without(held, observed.users.owners)];
  const present = observed.users.workloads.map((workload) => asBefore(workloadOf(workload, choices), stopped));
  const workloads = [...present, ...without(present, stopped)];
  const { safety, notes = [] } = chosen;
  return {
    operation: request.operation,
    kind: 'restore',
    strategy: safety === undefined ? 'swap' : 'replace',
    ...(safety !== undefined && { safetySet: safety.set }),
    ...(undoing !== undefined && { undoes: undoing.operation, inherits: undoing.inherits }),
    ...(takesOver.length > 0 && { takesOver }),
    namespace,
    source: sourceOf(observed, request),
    members: observed.members.map((member) => memberPlan(member, observed, request, safety)),
    workloads,
    ...(owners.length > 0 && { owners }),
    ...(choices !== undefined && { choices }),
    steps: stepsOf(request, safety),
    notes: [...observed.users.notes, ...notes],
  };
}

/** The stop is there also without a workload to scale: pods on their way out may still use the claims. */
function stepsOf({ asNew, source }: RestoreRequest, safety: SafetySet | undefined): StepName[] {
  if (safety !== undefined) return ['stop', 'secure', 'replace', 'start'];
  const steps: StepName[] = asNew ? ['stage'] : ['stage', 'retain', 'stop', 'swap', 'start', 'settle'];
  return 'stored' in source ? ['import', ...steps, 'tidy'] : steps;
}

function sourceOf({ members }: Observed, request: RestoreRequest): PlanSource {
  const cuts = members.map(({ member }) => cutAt(member)?.ms).filter((ms) => ms !== undefined);
  const skew = skewOf(members.map(({ member }) => member));
  return {
    name: sourceName(request),
    ...(cuts.length > 0 && { takenAt: new Date(Math.max(...cuts)).toISOString() }),
    ...(skew?.exact === true && { skewMs: skew.ms }),
  };
}

function memberPlan(
  observed: ObservedMember,
  { nodes }: Observed,
  request: RestoreRequest,
  safety: SafetySet | undefined,
): RestoreMember {
  const { member, volume, node, stored } = observed;
  const sizeBytes = wantedSizeBytes(observed, request);
  const now = safety === undefined ? nowOf(observed) : replacedNow(observed);
  const suffix = suffixOf(request);
  const staging = joinFitting(member.claim, request.asNew ? suffix : `staged-${suffix}`);
  const className = safety?.classOf.get(member.claim);
  return {
    claim: member.claim,
    manifest: restoredManifest(observed, sizeBytes, request),
    snapshot: member.snapshot.metadata.name,
    sizeBytes,
    staging: safety === undefined ? staging : member.claim,
    nodes: waitsForConsumer(observed) ? nodesToTry(volume, node, nodes) : [],
    ...(stored !== undefined && { stored: storedSource(stored, request) }),
    ...(className !== undefined && {
      safety: { snapshot: joinFitting(member.claim, `safety-${suffix}`), class: className },
    }),
    ...(now !== undefined && { now }),
  };
}

/** The characters that all names of an operation share. */
function suffixOf({ operation }: RestoreRequest): string {
  return operation.slice(operation.indexOf('-') + 1);
}

/** As far as the claim itself tells: its volume may be out of the user's sight. */
function replacedNow({ claim, volume }: ObservedMember): ClaimNow | undefined {
  if (claim === undefined) return undefined;
  const { spec, status, metadata } = claim;
  return {
    uid: metadata.uid ?? '',
    manifest: manifestOf(claim),
    volume: spec?.volumeName ?? '',
    sizeBytes: parseQuantity(status?.capacity?.storage ?? '') ?? 0,
    reclaimPolicy: volume === undefined ? '' : ownPolicy(volume),
  };
}

export function nowOf({ claim, volume }: Pick<ObservedMember, 'claim' | 'volume'>): ClaimNow | undefined {
  if (claim === undefined || volume === undefined) return undefined;
  return {
    uid: claim.metadata.uid ?? '',
    manifest: manifestFitting(claim, volume),
    volume: volume.metadata.name,
    sizeBytes: capacityBytes(volume),
    reclaimPolicy: ownPolicy(volume),
  };
}

/** A claim may have asked for more room and not got it yet; the binder gives no claim a volume that is smaller. */
function manifestFitting(claim: Claim, volume: Volume): ClaimManifest {
  const manifest = manifestOf(claim);
  const { storage } = manifest.spec?.resources?.requests ?? {};
  const { storage: capacity } = volume.spec?.capacity ?? {};
  const isTooLarge = (parseQuantity(storage ?? '') ?? 0) > capacityBytes(volume);
  return isTooLarge && capacity !== undefined ? asking(manifest, capacity) : manifest;
}

function asking(manifest: ClaimManifest, storage: string): ClaimManifest {
  const { spec } = manifest;
  return {
    ...manifest,
    spec: { ...spec, resources: { ...spec?.resources, requests: { ...spec?.resources?.requests, storage } } },
  };
}

function restoredManifest(
  { member, manifest }: ObservedMember,
  sizeBytes: number,
  request: RestoreRequest,
): ClaimManifest {
  if (manifest === undefined) throw new TypeError(`no manifest for claim ${member.claim}: it should have been refused`);
  const { metadata } = manifest;
  return {
    ...asking(manifest, formatQuantity(sizeBytes)),
    metadata: {
      ...metadata,
      namespace: request.namespace,
      annotations: {
        ...metadata.annotations,
        [restoredFromAnnotation]:
          'stored' in request.source ? request.source.stored.name : member.snapshot.metadata.name,
        [operationMark]: request.operation,
      },
    },
  };
}
