import type { UntypedServiceImplementation } from '@grpc/grpc-js';
import { unary } from './rpc.ts';

/** The Identity service: who the driver is, and which services it has. */
export function identityCalls(name: string): UntypedServiceImplementation {
  const services = ['CONTROLLER_SERVICE', 'GROUP_CONTROLLER_SERVICE', 'VOLUME_ACCESSIBILITY_CONSTRAINTS'];
  return {
    GetPluginInfo: unary(() => ({ name, vendor_version: '1' })),
    GetPluginCapabilities: unary(() => ({ capabilities: services.map((type) => ({ service: { type } })) })),
    Probe: unary(() => ({ ready: { value: true } })),
  };
}
