// The requests of the driver's tests, as the sidecars send them.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DriverProcess } from './driver-process.ts';
import type { CreateSnapshotResponse, CreateVolumeResponse, SnapshotMessage, Timestamp } from './messages.ts';
import { dataDir } from './state-dir.ts';
import type { DataKind } from './state-dir.ts';
import { zoneKey } from './topology.ts';

type Volume = CreateVolumeResponse['volume'];

/** As the provisioner asks for a volume for NAMESPACE/CLAIM; the rest replaces or adds fields. */
export async function createVolume(driver: DriverProcess, name: string, claim: string, rest = {}): Promise<Volume> {
  const request = { ...volumeRequest(name, claim), ...rest };
  return (await driver.call<CreateVolumeResponse>('Controller/CreateVolume', request)).volume;
}

export function volumeRequest(name: string, claim: string) {
  const [namespace = '', claimName = ''] = claim.split('/');
  return {
    name,
    volume_capabilities: [{ mount: {}, access_mode: { mode: 'SINGLE_NODE_WRITER' } }],
    parameters: { 'csi.storage.k8s.io/pvc/name': claimName, 'csi.storage.k8s.io/pvc/namespace': namespace },
  };
}

export async function createSnapshot(driver: DriverProcess, name: string, volumeId: string): Promise<SnapshotMessage> {
  const request = { name, source_volume_id: volumeId };
  return (await driver.call<CreateSnapshotResponse>('Controller/CreateSnapshot', request)).snapshot;
}

export function fromSnapshot(snapshotId: string) {
  return { volume_content_source: { snapshot: { snapshot_id: snapshotId } } };
}

export function fromVolume(volumeId: string) {
  return { volume_content_source: { volume: { volume_id: volumeId } } };
}

export function ofSize(requiredBytes: number, limitBytes = 0) {
  return { capacity_range: { required_bytes: String(requiredBytes), limit_bytes: String(limitBytes) } };
}

/** All of them requisite, the first preferred. */
export function inZones(...zones: string[]) {
  const topologiesOf = (names: string[]) => names.map((zone) => ({ segments: { [zoneKey]: zone } }));
  return { accessibility_requirements: { requisite: topologiesOf(zones.toSorted()), preferred: topologiesOf(zones) } };
}

export function zoneOf(volume: Volume): string | undefined {
  return volume.accessible_topology[0]?.segments[zoneKey];
}

export function nsOf({ seconds, nanos }: Timestamp): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(nanos);
}

export async function write(driver: DriverProcess, volumeId: string, text: string): Promise<void> {
  await writeFile(join(dataDir(driver.stateDir, 'volumes', volumeId), 'data'), text);
}

export async function read(driver: DriverProcess, id: string, kind: DataKind = 'volumes'): Promise<string> {
  return readFile(join(dataDir(driver.stateDir, kind, id), 'data'), 'utf8');
}
