// Zones: a volume lives in one of them, and a snapshot stays where its volume was.
import type { Topology, TopologyRequirement } from './messages.ts';
import { RpcError } from './rpc.ts';

export const zoneKey = 'topology.hostdir.csi.pvsnap.io/zone';
const zones = ['zone-a', 'zone-b'] as const;

/**
 * The zone for a new volume: the first that is asked for (preferred, then requisite) and possible. When nothing is
 * asked for, the source's zone, else zone-a. A copy is possible in its source's zone alone, as on storage that keeps
 * its snapshots beside its volumes (LVM, ZFS, local disks): the strictest of the real kinds, and the one with no data
 * to move.
 * @throws RpcError RESOURCE_EXHAUSTED when no zone will do: the code that CSI has for it, on which the provisioner has
 *   the scheduler choose another node
 */
export function chooseZone(requirement: TopologyRequirement | null, sourceZone?: string): string {
  const asked = askedZones(requirement);
  const candidates = asked.length > 0 ? asked : [sourceZone ?? zones[0]];
  const possible: readonly string[] = sourceZone === undefined ? zones : [sourceZone];
  const zone = candidates.find((candidate) => possible.includes(candidate));
  if (zone !== undefined) return zone;
  const where = sourceZone === undefined ? `zones are ${zones.join(', ')}` : `the source is in ${sourceZone}`;
  throw new RpcError('RESOURCE_EXHAUSTED', `can't provision in ${candidates.join(', ')}: ${where}`);
}

/** Whether a volume in this zone is what the requirement asks for. */
export function isZoneAccepted(requirement: TopologyRequirement | null, zone: string): boolean {
  const asked = askedZones(requirement);
  return asked.length === 0 || asked.includes(zone);
}

export function topologyOf(zone: string): Topology {
  return { segments: { [zoneKey]: zone } };
}

function askedZones(requirement: TopologyRequirement | null): string[] {
  const topologies = [...(requirement?.preferred ?? []), ...(requirement?.requisite ?? [])];
  return topologies.map(({ segments }) => segments[zoneKey]).filter((zone) => zone !== undefined);
}
