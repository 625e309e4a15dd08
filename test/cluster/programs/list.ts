/** What the control plane is built of. The versions are in go.mod beside this file, and nowhere else. */
import type { Bundle, ModuleFile, Program, VersionOf } from './bundle.ts';

const KUBERNETES = 'k8s.io/kubernetes';
const SNAPSHOTTER = 'github.com/kubernetes-csi/external-snapshotter/v8';
const PROVISIONER = 'github.com/kubernetes-csi/external-provisioner/v6';

/** The ones that others share most packages with come first, so that the progress line moves early. */
const programs: readonly Program[] = [
  { name: 'kube-apiserver', package: `${KUBERNETES}/cmd/kube-apiserver`, module: KUBERNETES },
  { name: 'kube-controller-manager', package: `${KUBERNETES}/cmd/kube-controller-manager`, module: KUBERNETES },
  { name: 'kubectl', package: `${KUBERNETES}/cmd/kubectl`, module: KUBERNETES },
  { name: 'kube-scheduler', package: `${KUBERNETES}/cmd/kube-scheduler`, module: KUBERNETES },
  { name: 'etcd', package: 'go.etcd.io/etcd/server/v3', module: 'go.etcd.io/etcd/server/v3' },
  { name: 'snapshot-controller', package: `${SNAPSHOTTER}/cmd/snapshot-controller`, module: SNAPSHOTTER },
  { name: 'csi-snapshotter', package: `${SNAPSHOTTER}/cmd/csi-snapshotter`, module: SNAPSHOTTER },
  { name: 'csi-provisioner', package: `${PROVISIONER}/cmd/csi-provisioner`, module: PROVISIONER },
  { name: 'kwok', package: 'sigs.k8s.io/kwok/cmd/kwok', module: 'sigs.k8s.io/kwok' },
];

const SNAPSHOT_API = 'github.com/kubernetes-csi/external-snapshotter/client/v8';

/** Files that the cluster needs from the same modules; kept beside the programs under their base names. */
const moduleFiles: readonly ModuleFile[] = [
  { module: 'github.com/container-storage-interface/spec', path: 'csi.proto' },
  ...[
    'snapshot.storage.k8s.io_volumesnapshotclasses.yaml',
    'snapshot.storage.k8s.io_volumesnapshotcontents.yaml',
    'snapshot.storage.k8s.io_volumesnapshots.yaml',
    'groupsnapshot.storage.k8s.io_volumegroupsnapshotclasses.yaml',
    'groupsnapshot.storage.k8s.io_volumegroupsnapshotcontents.yaml',
    'groupsnapshot.storage.k8s.io_volumegroupsnapshots.yaml',
  ].map((file) => ({ module: SNAPSHOT_API, path: `config/crd/${file}` })),
];

export const controlPlane: Bundle = {
  title: 'the test control plane',
  directory: import.meta.dirname,
  programs,
  moduleFiles,
  linkerVariables,
};

/** Without them the API server calls itself v0.0.0, and clients choose what to do by its version. */
async function linkerVariables({ module }: Program, versionOf: VersionOf): Promise<Record<string, string>> {
  const kubernetes = await versionOf(KUBERNETES);
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)/.exec(kubernetes) ?? [];
  const variables: Record<string, string> = { 'main.version': await versionOf(module) };
  for (const holder of ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version']) {
    variables[`${holder}.gitVersion`] = kubernetes;
    variables[`${holder}.gitMajor`] = major;
    variables[`${holder}.gitMinor`] = minor;
  }
  return variables;
}
