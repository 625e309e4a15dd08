/** The manifest of a pod that belongs to nothing, to make it again. */
import type { KubeObject, Pod } from '../cluster/objects.ts';

/** As it was asked for: what the server, the scheduler and the kubelet have added is theirs to add again. */
export function manifestOfPod({ apiVersion, kind, metadata, spec }: Pod): KubeObject {
  const { name, namespace, labels, annotations } = metadata;
  // A pod can't be made with ephemeral containers: they are put into one that runs, by kubectl debug.
  const { nodeName: _nodeName, ephemeralContainers: _debugging, ...wanted } = spec ?? { containers: [] };
  const own = (volume: string): boolean => !volume.startsWith('kube-api-access-');
  const containers = (list: NonNullable<Pod['spec']>['containers']): typeof list =>
    list.map((container) => ({
      ...container,
      ...(container.volumeMounts !== undefined && {
        volumeMounts: container.volumeMounts.filter((mount) => own(mount.name)),
      }),
    }));
  return {
    apiVersion,
    kind,
    metadata: { name, namespace, labels: ownLabels(labels), annotations } as KubeObject['metadata'],
    spec: {
      ...wanted,
      volumes: (wanted.volumes ?? []).filter((volume) => own(volume.name)),
      containers: containers(wanted.containers),
      ...(wanted.initContainers !== undefined && { initContainers: containers(wanted.initContainers) }),
    },
  } as KubeObject;
}

/** Where the pod was: the admission plugin PodTopologyLabels says it again. */
function ownLabels(labels: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).filter(([key]) => !/^topology\.kubernetes\.io\/(zone|region)$/.test(key)),
  );
}
