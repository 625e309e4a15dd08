import type { UntypedServiceImplementation } from '@grpc/grpc-js';
import type { Driver } from './driver.ts';
import type {
  CreateSnapshotRequest,
  CreateVolumeRequest,
  DeleteSnapshotRequest,
  DeleteVolumeRequest,
  ListSnapshotsRequest,
  ValidateVolumeCapabilitiesRequest,
} from './messages.ts';
import { RpcError, unary } from './rpc.ts';
import { createSnapshot, deleteSnapshot, listSnapshots } from './snapshots.ts';
import { createVolume, deleteVolume } from './volumes.ts';

const capabilities = ['CREATE_DELETE_VOLUME', 'CREATE_DELETE_SNAPSHOT', 'LIST_SNAPSHOTS', 'CLONE_VOLUME'];

/** The Controller service: volumes and snapshots. What is not here is answered as UNIMPLEMENTED by the server. */
export function controllerCalls(driver: Driver): UntypedServiceImplementation {
  return {
    ControllerGetCapabilities: unary(() => ({ capabilities: capabilities.map((type) => ({ rpc: { type } })) })),
    CreateVolume: unary((request: CreateVolumeRequest, signal) => createVolume(driver, request, signal)),
    DeleteVolume: unary((request: DeleteVolumeRequest) => deleteVolume(driver, request)),
    ValidateVolumeCapabilities: unary((request: ValidateVolumeCapabilitiesRequest) => confirm(driver, request)),
    CreateSnapshot: unary((request: CreateSnapshotRequest, signal) => createSnapshot(driver, request, signal)),
    DeleteSnapshot: unary((request: DeleteSnapshotRequest) => deleteSnapshot(driver, request)),
    ListSnapshots: unary((request: ListSnapshotsRequest) => listSnapshots(driver, request)),
  };
}

// Nothing mounts the directories, so every capability will do.
async function confirm(driver: Driver, request: ValidateVolumeCapabilitiesRequest): Promise<object> {
  const { volume_id, volume_capabilities } = request;
  if (volume_id === '') throw new RpcError('INVALID_ARGUMENT', 'volume_id is missing');
  if (volume_capabilities.length === 0) throw new RpcError('INVALID_ARGUMENT', 'volume_capabilities are missing');
  if (!(await driver.volumes.find(volume_id))) throw new RpcError('NOT_FOUND', `there is no volume ${volume_id}`);
  return { confirmed: { volume_capabilities } };
}
