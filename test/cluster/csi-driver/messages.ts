// The fields of the CSI messages that the driver reads and writes, as csi.ts makes them from csi.proto.

type Segments = Record<string, string>;
export interface Topology {
  segments: Segments;
}

export interface TopologyRequirement {
  requisite: Topology[];
  preferred: Topology[];
}

export interface CapacityRange {
  required_bytes: string;
  limit_bytes: string;
}

/** Exactly one of the two is set. */
export interface ContentSource {
  snapshot?: { snapshot_id: string } | null;
  volume?: { volume_id: string } | null;
}

export interface CreateVolumeRequest {
  name: string;
  capacity_range: CapacityRange | null;
  volume_capabilities: unknown[];
  parameters: Record<string, string>;
  volume_content_source: ContentSource | null;
  accessibility_requirements: TopologyRequirement | null;
}

export interface CreateVolumeResponse {
  volume: {
    volume_id: string;
    capacity_bytes: string;
    content_source: ContentSource | null;
    accessible_topology: Topology[];
  };
}

export interface DeleteVolumeRequest {
  volume_id: string;
}

export interface ValidateVolumeCapabilitiesRequest {
  volume_id: string;
  volume_capabilities: unknown[];
}

export interface CreateSnapshotRequest {
  name: string;
  source_volume_id: string;
}

export interface SnapshotMessage {
  snapshot_id: string;
  source_volume_id: string;
  size_bytes: string;
  creation_time: Timestamp;
  ready_to_use: boolean;
  group_snapshot_id: string;
}

export interface Timestamp {
  seconds: string;
  nanos: number;
}

export interface CreateSnapshotResponse {
  snapshot: SnapshotMessage;
}

export interface DeleteSnapshotRequest {
  snapshot_id: string;
}

export interface ListSnapshotsRequest {
  max_entries: number;
  starting_token: string;
  source_volume_id: string;
  snapshot_id: string;
}

export interface ListSnapshotsResponse {
  entries: CreateSnapshotResponse[];
  next_token: string;
}

export interface CreateGroupRequest {
  name: string;
  source_volume_ids: string[];
  parameters: Record<string, string>;
}

/** What both GetVolumeGroupSnapshot and DeleteVolumeGroupSnapshot are asked with. */
export interface GroupRequest {
  group_snapshot_id: string;
  snapshot_ids: string[];
}

export interface GroupResponse {
  group_snapshot: {
    group_snapshot_id: string;
    snapshots: SnapshotMessage[];
    creation_time: Timestamp;
    ready_to_use: boolean;
  };
}
