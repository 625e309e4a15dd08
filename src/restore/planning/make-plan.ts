/** From what was observed to a plan. Pure: the same observation gives the same plan. */
import { formatQuantity, parseQuantity } from '../../cluster/quantity.ts';
import type { ClaimManifest } from '../../sets/manifest.ts';
import { manifestOf } from '../../sets/manifest.ts';
import { joinFitting } from '../../sets/names.ts';
import { cutAt } from '../../sets/member.ts';
import { skewOf } from '../../sets/set.ts';
import type { WorkloadInUse } from '../../workloads/users.ts';
import { wantedSizeBytes } from './check.ts';
import { restoredFromAnnotation, operationMark } from '../marks.ts';
import { nodesFor } from './nodes.ts';
import { ownPolicy } from '../volumes.ts';
import type { Observed, ObservedMember } from './observe.ts';
import { waitsForConsumer } from './observe.ts';
import type { ClaimNow, Plan, PlanMember, PlanSource, PlanWorkload, StepName } from '../plan.ts';
import type { RestoreRequest } from '../request.ts';

/** @param observed without findings: what can't be restored has been refused before */
export function makePlan(observed: Observed, request: RestoreRequest, notes: readonly string[] = []): Plan {
  const workloads = observed.users.workloads.map(workloadOf);
  return {
    operation: request.operation,
    kind: 'restore',
    namespace: request.namespace,
    source: sourceOf(observed, request),
    members: observed.members.map((member) => memberPlan(member, observed, request)),
    workloads,
    steps: stepsOf(request),
    notes: [...notes],
  };
}

/** The stop is there also without a workload to scale: pods on their way out may still use the claims. */
function stepsOf({ asNew }: RestoreRequest): StepName[] {
  return asNew ? ['stage'] : ['stage', 'retain', 'stop', 'swap', 'start', 'settle'];
}

function sourceOf({ members }: Observed, { source }: RestoreRequest): PlanSource {
  const cuts = members.map(({ member }) => cutAt(member)?.ms).filter((ms) => ms !== undefined);
  const skew = skewOf(members.map(({ member }) => member));
  return {
    name: 'set' in source ? source.set : source.snapshots.map((name) => `vs/${name}`).join(','),
    ...(cuts.length > 0 && { takenAt: new Date(Math.max(...cuts)).toISOString() }),
    ...(skew?.exact === true && { skewMs: skew.ms }),
  };
}

function memberPlan(observed: ObservedMember, { nodes }: Observed, request: RestoreRequest): PlanMember {
  const { member, volume, node } = observed;
  const sizeBytes = wantedSizeBytes(observed, request);
  const now = nowOf(observed);
  const suffix = request.operation.replace(/^restore-/, '');
  const candidates = node === undefined ? nodesFor(volume, nodes) : [node];
  return {
    claim: member.claim,
    manifest: restoredManifest(observed, sizeBytes, request),
    snapshot: member.snapshot.metadata.name,
    sizeBytes,
    staging: joinFitting(member.claim, request.asNew ? suffix : `staged-${suffix}`),
    nodes: waitsForConsumer(observed) ? candidates : [],
    ...(now !== undefined && { now }),
  };
}

function nowOf({ claim, volume }: ObservedMember): ClaimNow | undefined {
  if (claim === undefined || volume === undefined) return undefined;
  return {
    uid: claim.metadata.uid ?? '',
    manifest: manifestOf(claim),
    volume: volume.metadata.name,
    sizeBytes: parseQuantity(volume.spec?.capacity?.storage ?? '') ?? 0,
    reclaimPolicy: ownPolicy(volume),
  };
}

function restoredManifest(
  { member, manifest }: ObservedMember,
  sizeBytes: number,
  request: RestoreRequest,
): ClaimManifest {
  if (manifest === undefined) throw new TypeError(`no manifest for claim ${member.claim}: it should have been refused`);
  const { metadata, spec } = manifest;
  return {
    ...manifest,
    metadata: {
      ...metadata,
      namespace: request.namespace,
      annotations: {
        ...metadata.annotations,
        [restoredFromAnnotation]: member.snapshot.metadata.name,
        [operationMark]: request.operation,
      },
    },
    spec: {
      ...spec,
      resources: { ...spec?.resources, requests: { ...spec?.resources?.requests, storage: formatQuantity(sizeBytes) } },
    },
  };
}

function workloadOf({ kind, name, uid, replicas }: WorkloadInUse): PlanWorkload {
  return { kind, name, uid, replicas };
}
