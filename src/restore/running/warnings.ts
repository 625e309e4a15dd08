/** The newest Warning event about claims that are being provisioned: where a driver's words show first. */
import { setTimeout as pause } from 'node:timers/promises';
import type { KubeObject } from '../../cluster/objects.ts';
import { events } from '../../cluster/resources.ts';
import type { RunContext } from './context.ts';
import type { RestoreMember } from '../plan.ts';

export interface Warnings {
  /** `claim: message`, untrusted text; undefined when nobody complained. */
  latest(): string | undefined;
  /** The same after a failure: the event comes a moment later than what it tells of, so waits for one up to 2 s. */
  lastWords(): Promise<string | undefined>;
  close(): void;
}

/** A user who may not read events goes without. */
export async function watchWarnings(
  { watchOf, plan }: RunContext,
  members: readonly RestoreMember[],
  onChange: (latest: string | undefined) => void,
): Promise<Warnings> {
  const stop = new AbortController();
  const claimOf = new Map(members.map(({ staging, claim }) => [staging, claim]));
  let newest: string | undefined;
  const spoken = Promise.withResolvers<undefined>();
  try {
    const watch = await watchOf(events, {
      namespace: plan.namespace,
      fieldSelector: 'involvedObject.kind=PersistentVolumeClaim,type=Warning',
    });
    const look = (objects: ReadonlyMap<string, KubeObject>): undefined => {
      const found = newestOf([...objects.values()].map(asEvent), claimOf);
      if (found === newest) return;
      newest = found;
      spoken.resolve(undefined);
      onChange(found);
    };
    watch.until(look, stop.signal).catch(() => undefined);
  } catch {
    // Without the right to read events the restore works all the same; the plan's findings named what is needed.
  }
  return {
    latest: () => newest,
    lastWords: async () => {
      await Promise.race([spoken.promise, pause(2000, undefined, { ref: false })]);
      return newest;
    },
    close: () => {
      stop.abort();
    },
  };
}

/**
 * The newest Warning event about the workloads or their pods, `NAME: message`, untrusted text; undefined when there is
 * none, or the user may not read events. A StatefulSet tells nowhere else why it can't make a pod.
 */
export async function newestWarning(
  { cluster, plan }: RunContext,
  workloads: readonly { name: string }[],
): Promise<string | undefined> {
  try {
    const all = await cluster.list(events, { namespace: plan.namespace, fieldSelector: 'type=Warning' });
    const ours = all
      .map(asEvent)
      .filter(({ about }) => workloads.some(({ name }) => about === name || about.startsWith(`${name}-`)))
      .sort((a, b) => (a.time < b.time ? 1 : -1));
    return ours[0] === undefined ? undefined : `${ours[0].about}: ${ours[0].message}`;
  } catch {
    return undefined;
  }
}

interface Event {
  about: string;
  message: string;
  time: string;
}

/** core/v1 Event: older writers set lastTimestamp, newer ones eventTime or a series. */
function asEvent(object: KubeObject): Event {
  const event = object as KubeObject & {
    involvedObject?: { name?: string };
    message?: string;
    lastTimestamp?: string | null;
    eventTime?: string | null;
  };
  return {
    about: event.involvedObject?.name ?? '',
    message: event.message ?? '',
    time: event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? '',
  };
}

function newestOf(all: readonly Event[], claimOf: ReadonlyMap<string, string>): string | undefined {
  const ours = all.filter(({ about }) => claimOf.has(about)).sort((a, b) => (a.time < b.time ? 1 : -1));
  const [first] = ours;
  return first === undefined ? undefined : `${claimOf.get(first.about) ?? ''}: ${first.message}`;
}
