// The CSI services as csi.proto defines them, ready for a gRPC server or client.
import { loadSync } from '@grpc/proto-loader';
import type { ServiceDefinition } from '@grpc/proto-loader';

export type CsiService = 'Identity' | 'Controller' | 'GroupController';

/**
 * Loads the definition of each service from csi.proto. Messages are plain objects with the field names of the file,
 * int64 as decimal strings, enums as their names, unset messages as null.
 */
export function loadCsi(protoPath: string): Record<CsiService, ServiceDefinition> {
  const definitions = loadSync(protoPath, { keepCase: true, longs: String, enums: String, defaults: true });
  const service = (name: CsiService) => definitions[`csi.v1.${name}`] as ServiceDefinition;
  return {
    Identity: service('Identity'),
    Controller: service('Controller'),
    GroupController: service('GroupController'),
  };
}
