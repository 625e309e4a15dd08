/** Whether the pods that an object asks for are there, as `kubectl rollout status` judges it. */
import type { DaemonSet, Deployment, DeploymentConfig, Job, StatefulSet } from '../cluster/objects.ts';
import type { ScalableObject, WorkloadObject } from './kinds.ts';
import { isScalable } from './scale.ts';
import { hasFinished } from './stopped.ts';
import { isUnscheduled } from './stop-ways.ts';

/**
 * k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go. Where kubectl gives no answer or none that could become
 * true, readiness alone decides: a StatefulSet updated OnDelete, a paused Deployment, a ReplicaSet. A Job is as far as
 * it can be once its controller has made its pods.
 */
export function isRolledOut(object: WorkloadObject): boolean {
  if (object.kind === 'Pod') return true;
  if (object.kind === 'Job') return isJobUnderWay(object as Job);
  const { observedGeneration = 0 } = (object as ScalableObject | DaemonSet).status ?? {};
  if (observedGeneration === 0 || observedGeneration < (object.metadata.generation ?? 0)) return false;
  switch (object.kind) {
    case 'Deployment':
      return isDeploymentRolledOut(object as Deployment);
    case 'StatefulSet':
      return isStatefulSetRolledOut(object as StatefulSet);
    case 'DaemonSet':
      return isDaemonSetRolledOut(object as DaemonSet);
    case 'DeploymentConfig':
      return areAvailable((object as DeploymentConfig).status, podsAskedFor(object));
    default:
      return areAvailable((object as ScalableObject).status, podsAskedFor(object));
  }
}

/** How many pods must be ready; 0 for what is stopped, less than 0 where their readiness says nothing: a Job. */
export function podsAskedFor(object: WorkloadObject): number {
  const kind = object.kind.toLowerCase();
  if (isScalable(kind)) return (object as ScalableObject).spec?.replicas ?? 1;
  if (kind === 'daemonset') {
    const daemonSet = object as DaemonSet;
    return isUnscheduled(daemonSet) ? 0 : (daemonSet.status?.desiredNumberScheduled ?? 0);
  }
  // Pods of a Job end, ready or not.
  return kind === 'job' ? ((object as Job).spec?.suspend === true ? 0 : -1) : 1;
}

function isStatefulSetRolledOut({ spec, status }: StatefulSet): boolean {
  const wanted = spec?.replicas ?? 1;
  const { type = 'RollingUpdate', rollingUpdate } = spec?.updateStrategy ?? {};
  if ((status?.readyReplicas ?? 0) < wanted) return false;
  if (type !== 'RollingUpdate') return true;
  if (rollingUpdate !== undefined) return (status?.updatedReplicas ?? 0) >= wanted - (rollingUpdate.partition ?? 0);
  return status?.updateRevision === status?.currentRevision;
}

function isDeploymentRolledOut({ spec, status = {} }: Deployment): boolean {
  const wanted = spec?.replicas ?? 1;
  const { replicas = 0, updatedReplicas: updated = 0, availableReplicas: available = 0, conditions = [] } = status;
  if (spec?.paused === true) return available >= wanted;
  const hasTimedOut = conditions.some(
    ({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded',
  );
  return !hasTimedOut && updated >= wanted && replicas <= updated && available >= updated;
}

function isDaemonSetRolledOut({ spec, status }: DaemonSet): boolean {
  const { desiredNumberScheduled: wanted = 0, updatedNumberScheduled = 0, numberAvailable = 0 } = status ?? {};
  return numberAvailable >= wanted && (spec?.updateStrategy?.type === 'OnDelete' || updatedNumberScheduled >= wanted);
}

function isJobUnderWay(job: Job): boolean {
  return hasFinished(job) || (job.status?.active ?? 0) > 0;
}

function areAvailable(status: { availableReplicas?: number } | undefined, wanted: number): boolean {
  return (status?.availableReplicas ?? 0) >= wanted;
}
