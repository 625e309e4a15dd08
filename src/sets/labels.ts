/**
 * Labels by which a GitOps tool or another operator recognises what it manages. On a snapshot they would make it
 * prune the snapshot, because it isn't in git.
 */
const trackingLabels = [
  // Argo CD's default tracking label, and the one that it recommends instead.
  'app.kubernetes.io/instance',
  'argocd.argoproj.io/',
  // Flux: Kustomization and HelmRelease inventories.
  'kustomize.toolkit.fluxcd.io/',
  'helm.toolkit.fluxcd.io/',
  'app.kubernetes.io/managed-by',
  'helm.sh/',
  'olm.',
  'velero.io/',
  // Ours, of another set or operation.
  'pvsnap.io/',
];

/** A claim's labels for its snapshot, so that `-l app=kafka` finds both; without those that track. */
export function labelsForSnapshot(labels: Readonly<Record<string, string>> | undefined): Record<string, string> {
  const isTracking = (key: string): boolean => trackingLabels.some((prefix) => key.startsWith(prefix));
  return Object.fromEntries(Object.entries(labels ?? {}).filter(([key]) => !isTracking(key)));
}
