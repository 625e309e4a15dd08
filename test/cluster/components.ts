/** The command line of every process of the cluster. */
import { join } from 'node:path';
import type { Identities } from './identities.ts';
import type { Component } from './supervise.ts';

/** The driver's name, which classes, volumes and contents carry. */
const DRIVER = 'hostdir.csi.pvsnap.io';

/**
 * How fast the snapshot and provisioning controllers may call the API server: `default` is what most users run
 * (5 calls a second, bursts of 10), `raised` keeps tests from waiting for it (100 and 200).
 */
export type ApiLimits = 'raised' | 'default';

export interface Surroundings {
  /** The cluster's folder. */
  directory: string;
  /** Where the programs of programs/list.ts are. */
  programs: string;
  ports: { etcd: number; etcdPeer: number; apiServer: number };
  identities: Identities;
  apiLimits: ApiLimits;
}

/** What stands without the API server, and the API server. */
export function foundation({ directory, programs, ports }: Surroundings): Component[] {
  return [etcd(directory, programs, ports), apiServer(directory, programs, ports), csiDriver(directory, programs)];
}

/** What needs an API server that answers. */
export function controllers(surroundings: Surroundings): Component[] {
  const { directory, programs, identities } = surroundings;
  return [
    controllerManager(directory, programs, identities),
    {
      name: 'kube-scheduler',
      command: join(programs, 'kube-scheduler'),
      args: [`--kubeconfig=${identities.kubeconfig('kube-scheduler')}`, '--leader-elect=false', '--secure-port=0'],
    },
    {
      name: 'kwok',
      command: join(programs, 'kwok'),
      args: [
        `--kubeconfig=${identities.kubeconfig('kwok')}`,
        `--config=${join(import.meta.dirname, 'manifests', 'kwok.yaml')}`,
      ],
    },
    ...snapshotControllers(surroundings),
  ];
}

/** Where the driver keeps volumes, snapshots and knobs. */
export function driverState(directory: string): string {
  return join(directory, 'driver');
}

function etcd(directory: string, programs: string, ports: Surroundings['ports']): Component {
  const clients = `http://127.0.0.1:${ports.etcd}`;
  const peers = `http://127.0.0.1:${ports.etcdPeer}`;
  return {
    name: 'etcd',
    command: join(programs, 'etcd'),
    args: [
      '--name=test',
      `--data-dir=${join(directory, 'etcd')}`,
      '--unsafe-no-fsync',
      '--log-level=warn',
      `--listen-client-urls=${clients}`,
      `--advertise-client-urls=${clients}`,
      `--listen-peer-urls=${peers}`,
      `--initial-advertise-peer-urls=${peers}`,
      `--initial-cluster=test=${peers}`,
      `--quota-backend-bytes=${4 * 1024 ** 3}`,
    ],
  };
}

function apiServer(directory: string, programs: string, ports: Surroundings['ports']): Component {
  const file = (name: string): string => join(directory, 'identities', name);
  return {
    name: 'kube-apiserver',
    command: join(programs, 'kube-apiserver'),
    args: [
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      `--secure-port=${ports.apiServer}`,
      `--etcd-servers=http://127.0.0.1:${ports.etcd}`,
      '--endpoint-reconciler-type=none',
      '--service-cluster-ip-range=10.96.0.0/24',
      '--authorization-mode=RBAC',
      `--client-ca-file=${file('ca.crt')}`,
      `--tls-cert-file=${file('apiserver.crt')}`,
      `--tls-private-key-file=${file('apiserver.key')}`,
      `--cert-dir=${directory}`,
      `--service-account-key-file=${file('service-accounts.key')}`,
      `--service-account-signing-key-file=${file('service-accounts.key')}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      '--allow-privileged=true',
    ],
  };
}

function csiDriver(directory: string, programs: string): Component {
  const main = join(import.meta.dirname, 'csi-driver', 'main.ts');
  return {
    name: 'csi-driver',
    command: process.execPath,
    args: [
      '--disable-warning=ExperimentalWarning',
      main,
      ...['--socket', driverSocket(directory)],
      ...['--state', driverState(directory)],
      ...['--proto', join(programs, 'csi.proto')],
      ...['--name', DRIVER],
    ],
  };
}

function controllerManager(directory: string, programs: string, identities: Identities): Component {
  const file = (name: string): string => join(directory, 'identities', name);
  return {
    name: 'kube-controller-manager',
    command: join(programs, 'kube-controller-manager'),
    args: [
      `--kubeconfig=${identities.kubeconfig('kube-controller-manager')}`,
      '--controllers=*',
      '--leader-elect=false',
      '--use-service-account-credentials=true',
      `--service-account-private-key-file=${file('service-accounts.key')}`,
      `--root-ca-file=${file('ca.crt')}`,
      `--cluster-signing-cert-file=${file('ca.crt')}`,
      `--cluster-signing-key-file=${file('ca.key')}`,
      '--secure-port=0',
      '--kube-api-qps=200',
      '--kube-api-burst=400',
      '--allocate-node-cidrs=false',
    ],
  };
}

function snapshotControllers({ directory, programs, identities, apiLimits }: Surroundings): Component[] {
  const groupSnapshots = '--feature-gates=CSIVolumeGroupSnapshot=true';
  // Names of claims and snapshots reach the driver, which picks a test's knobs by them.
  const sidecar = [`--csi-address=${driverSocket(directory)}`, '--extra-create-metadata=true'];
  const own: [name: 'snapshot-controller' | 'csi-snapshotter' | 'csi-provisioner', args: string[]][] = [
    ['snapshot-controller', [groupSnapshots]],
    ['csi-snapshotter', [groupSnapshots, ...sidecar]],
    ['csi-provisioner', ['--feature-gates=Topology=true', ...sidecar]],
  ];
  return own.map(([name, args]) => ({
    name,
    command: join(programs, name),
    args: [
      `--kubeconfig=${identities.kubeconfig(name)}`,
      '--leader-election=false',
      ...(apiLimits === 'raised' ? ['--kube-api-qps=100', '--kube-api-burst=200'] : []),
      ...args,
    ],
  }));
}

function driverSocket(directory: string): string {
  return join(directory, 'csi.sock');
}
