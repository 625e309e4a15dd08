// CreateVolume and DeleteVolume: empty, restored from a snapshot, or cloned from a volume.
import { isDeepStrictEqual } from 'node:util';
import type { Driver, Source, VolumeRecord } from './driver.ts';
import type { Claim } from './knob-board.ts';
import type {
  ContentSource,
  CreateVolumeRequest,
  CreateVolumeResponse,
  DeleteVolumeRequest,
  TopologyRequirement,
} from './messages.ts';
import { idFor } from './records.ts';
import { RpcError } from './rpc.ts';
import { chooseSizeBytes, isSizeAccepted, readSizeLimits } from './sizes.ts';
import type { SizeLimits } from './sizes.ts';
import { isReady } from './snapshots.ts';
import { dataDir, makeData, removeData } from './state-dir.ts';
import { chooseZone, isZoneAccepted, topologyOf } from './topology.ts';

/**
 * Makes a volume, or finds the one made for this name before. A call that finds another one for its name under way
 * joins it, rather than being ABORTED: the provisioner would answer that with its backoff, which grows to minutes, and
 * a delay of 20 s would take any time. (ABORTED is to be had by the knob.) No work outlives its call: what survives,
 * and goes on counting, is the moment when the name was first asked for.
 */
export async function createVolume(
  driver: Driver,
  request: CreateVolumeRequest,
  signal: AbortSignal,
): Promise<CreateVolumeResponse> {
  const wish = readWish(request);
  await waitForProvisioning(driver, wish, signal);
  await driver.knobs.failIfTold([wish.claim], 'provisionFailure');
  return driver.locked(wish.id, async () => {
    const existing = await driver.volumes.find(wish.id);
    if (existing !== undefined && !isAsWished(existing, wish)) {
      throw new RpcError('ALREADY_EXISTS', `volume ${wish.id} exists, and is not what is asked for`);
    }
    return responseFor(existing ?? (await provision(driver, wish)));
  });
}

/** Succeeds also when there is no such volume. Its snapshots stay. */
export async function deleteVolume(driver: Driver, { volume_id: id }: DeleteVolumeRequest): Promise<object> {
  if (id === '') throw new RpcError('INVALID_ARGUMENT', 'volume_id is missing');
  return driver.locked(id, async () => {
    const volume = await driver.volumes.find(id);
    if (volume === undefined) return {};
    await driver.knobs.failIfTold([volume.claim], 'deleteVolumeFailure');
    await removeData(driver.stateDir, 'volumes', id);
    await driver.volumes.drop(id);
    return {};
  });
}

/** A request, checked. */
interface Wish {
  id: string;
  limits: SizeLimits;
  requirement: TopologyRequirement | null;
  parameters: Record<string, string>;
  claim: Claim;
  source: Source | undefined;
}

function readWish(request: CreateVolumeRequest): Wish {
  if (request.name === '') throw new RpcError('INVALID_ARGUMENT', 'name is missing');
  if (request.volume_capabilities.length === 0) {
    throw new RpcError('INVALID_ARGUMENT', 'volume_capabilities are missing');
  }
  return {
    id: idFor(request.name),
    limits: readSizeLimits(request.capacity_range),
    requirement: request.accessibility_requirements,
    parameters: request.parameters,
    claim: claimOf(request.parameters),
    source: sourceOf(request.volume_content_source),
  };
}

/** The provisioner adds these two with --extra-create-metadata. */
function claimOf(parameters: Record<string, string>): Claim {
  const name = parameters['csi.storage.k8s.io/pvc/name'];
  const namespace = parameters['csi.storage.k8s.io/pvc/namespace'];
  return name === undefined || namespace === undefined ? undefined : { namespace, name };
}

function sourceOf(content: ContentSource | null): Source | undefined {
  if (content?.snapshot) return { kind: 'snapshot', id: content.snapshot.snapshot_id };
  if (content?.volume) return { kind: 'volume', id: content.volume.volume_id };
  return undefined;
}

async function waitForProvisioning(driver: Driver, { id, claim }: Wish, signal: AbortSignal): Promise<void> {
  if ((await driver.volumes.find(id)) !== undefined) return;
  const askedMs = driver.firstAskedMs.get(id) ?? performance.now();
  driver.firstAskedMs.set(id, askedMs);
  await driver.knobs.waitOut(
    [claim],
    (knobs) => (knobs.provisionHang === true ? Infinity : askedMs + (knobs.provisionDelayMs ?? 0) - performance.now()),
    signal,
  );
  driver.firstAskedMs.delete(id);
}

function isAsWished(volume: VolumeRecord, wish: Wish): boolean {
  return (
    isSizeAccepted(wish.limits, volume.sizeBytes) &&
    isZoneAccepted(wish.requirement, volume.zone) &&
    isDeepStrictEqual(volume.parameters, wish.parameters) &&
    isDeepStrictEqual(volume.source, wish.source)
  );
}

async function provision(driver: Driver, wish: Wish): Promise<VolumeRecord> {
  const { id, claim, source, parameters } = wish;
  const from = source && (await openSource(driver, source));
  const volume: VolumeRecord = {
    id,
    sizeBytes: chooseSizeBytes(wish.limits, from?.sizeBytes),
    zone: chooseZone(wish.requirement, from?.zone),
    parameters,
    ...(claim && { claim }),
    ...(source && { source }),
  };
  await makeData(driver.stateDir, 'volumes', id, from?.dir);
  await driver.volumes.put(volume);
  return volume;
}

async function openSource(driver: Driver, { kind, id }: Source) {
  if (kind === 'volume') {
    const volume = await driver.volumes.find(id);
    if (volume === undefined) throw new RpcError('NOT_FOUND', `there is no volume ${id}`);
    return { sizeBytes: volume.sizeBytes, zone: volume.zone, dir: dataDir(driver.stateDir, 'volumes', id) };
  }
  const snapshot = await driver.snapshots.find(id);
  if (snapshot === undefined) throw new RpcError('NOT_FOUND', `there is no snapshot ${id}`);
  if (!(await isReady(driver, snapshot))) throw new RpcError('UNAVAILABLE', `snapshot ${id} is not ready to use yet`);
  return { sizeBytes: snapshot.sizeBytes, zone: snapshot.zone, dir: dataDir(driver.stateDir, 'snapshots', id) };
}

function responseFor({ id, sizeBytes, zone, source }: VolumeRecord): CreateVolumeResponse {
  const volume = { volume_id: id, capacity_bytes: String(sizeBytes), accessible_topology: [topologyOf(zone)] };
  return { volume: { ...volume, content_source: source === undefined ? null : contentOf(source) } };
}

function contentOf({ kind, id }: Source): ContentSource {
  return kind === 'snapshot' ? { snapshot: { snapshot_id: id } } : { volume: { volume_id: id } };
}
