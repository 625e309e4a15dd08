/** What the control plane is built of. The versions are in go.mod beside this file, and nowhere else. */

export interface Program {
  name: string;
  /** The Go package of its main function. */
  package: string;
  /** The module in go.mod whose version it reports as its own. */
  module: string;
}

const KUBERNETES = 'k8s.io/kubernetes';
const SNAPSHOTTER = 'github.com/kubernetes-csi/external-snapshotter/v8';
const PROVISIONER = 'github.com/kubernetes-csi/external-provisioner/v6';

/** The ones that others share most packages with come first, so that the progress line moves early. */
export const programs: readonly Program[] = [
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

export interface ModuleFile {
  module: string;
  path: string;
}

const SNAPSHOT_API = 'github.com/kubernetes-csi/external-snapshotter/client/v8';

/** Files that the cluster needs from the same modules; kept beside the programs under their base names. */
export const moduleFiles: readonly ModuleFile[] = [
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
