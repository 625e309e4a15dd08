/** Whether Velero's server runs, in which version, and whether it takes snapshots of CSI drivers at all. */
import type { Deployment } from '../../cluster/objects.ts';
import type { Seen } from './check.ts';
import { isCsiEnabled, serverVersion } from '../server-flags.ts';

export function checkServer(deployment: Deployment | undefined, namespace: string): Seen {
  if (deployment === undefined) return { seen: [], findings: [absent(namespace)] };
  const { name } = deployment.metadata;
  const { replicas = 1 } = deployment.spec ?? {};
  const ready = deployment.status?.readyReplicas ?? 0;
  const about = `deployment/${name}`;
  const seen = [`${about} in namespace ${namespace}, ${versionOf(deployment)}, ${ready} of ${replicas} ready`];
  const findings = [];
  if (ready === 0) findings.push({ about, ...stopped(name, namespace, replicas) });
  if (isCsiEnabled(deployment)) seen.push('it takes snapshots of CSI drivers (EnableCSI)');
  else findings.push({ about, ...withoutCsi(name, namespace) });
  return { seen, findings };
}

function absent(namespace: string): Seen['findings'][number] {
  return {
    about: `namespace ${namespace}`,
    problem: 'has no Deployment of the Velero server',
    remedy: 'install Velero there, or name its namespace with --velero-namespace',
  };
}

function versionOf(deployment: Deployment): string {
  const version = serverVersion(deployment);
  return version === undefined ? 'of a version that its image does not tell' : `version ${version}`;
}

function stopped(name: string, namespace: string, replicas: number): { problem: string; remedy: string } {
  if (replicas === 0) {
    return {
      problem: 'is scaled to 0: nothing is backed up, and no file of a backup can be read',
      remedy: `kubectl scale -n ${namespace} deployment/${name} --replicas=1`,
    };
  }
  return {
    problem: "doesn't run: no replica is ready",
    remedy: `kubectl describe -n ${namespace} deployment/${name}; kubectl logs -n ${namespace} deployment/${name}`,
  };
}

function withoutCsi(name: string, namespace: string): { problem: string; remedy: string } {
  return {
    problem: 'runs without --features=EnableCSI: its backups are Completed and hold no snapshot of a CSI volume',
    remedy:
      `add --features=EnableCSI to its args (kubectl edit -n ${namespace} deployment/${name}), ` +
      'or the plugin csi to the DataProtectionApplication of OADP, and make a new backup',
  };
}
