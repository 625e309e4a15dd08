/**
 * One watch of one kind: what exists, kept up to date, and waits on it. Shared by all members of an operation,
 * so that the number of requests doesn't grow with waiting.
 *
 * A watch lags behind one's own writes: a check must tell the object it waits for from its predecessor of the same
 * name, by uid or by what was written.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { ClusterError } from '../errors.ts';
import type { Cluster, Scope } from './cluster.ts';
import { listAll } from './cluster.ts';
import { linesOf } from './lines.ts';
import type { KubeObject } from './objects.ts';
import type { Resource } from './resources.ts';
import { pathOf } from './resources.ts';
import { errorFromResponse } from './status.ts';
import type { Following } from './watch-state.ts';
import { WatchState } from './watch-state.ts';

export interface Watch<T extends KubeObject> {
  /** What exists now, by name; by `NAMESPACE/NAME` where the scope is all namespaces. */
  readonly objects: ReadonlyMap<string, T>;
  /**
   * Calls `check` now and after every change, until it returns something. What it throws ends the wait.
   * @throws the signal's reason when it is aborted; ClusterError when the watch can't go on (such as Forbidden)
   */
  until<R>(check: (objects: ReadonlyMap<string, T>) => R | undefined, signal: AbortSignal): Promise<R>;
  close(): void;
}

/** How long the server keeps one watch request open before the client asks again from where it was. */
const watchSeconds = 300;
/** The server sends a bookmark about once a minute; a connection silent for longer is dead. */
const silenceMs = 150_000;
const longestPauseMs = 5000;
const shortestWatchMs = 1000;

/** Lists, then watches, and goes on from the last resourceVersion when the connection breaks; lists anew after 410. */
export async function openWatch<T extends KubeObject>(
  cluster: Cluster,
  resource: Resource<T>,
  scope: Scope,
  following: Following<T> = {},
): Promise<Watch<T>> {
  const isOneNamespace = scope.namespace !== undefined || !resource.namespaced;
  const state = new WatchState<T>(isOneNamespace ? following : { ...following, keyOf: fullName });
  const stopped = new AbortController();
  await relist(cluster, resource, scope, state);
  void follow(cluster, resource, scope, state, stopped.signal);
  return {
    objects: state.objects,
    until: (check, signal) => state.until(check, signal),
    close: () => {
      stopped.abort();
    },
  };
}

function fullName({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

async function follow<T extends KubeObject>(
  cluster: Cluster,
  resource: Resource<T>,
  scope: Scope,
  state: WatchState<T>,
  stopped: AbortSignal,
): Promise<void> {
  let failures = 0;
  const isStopped = (): boolean => stopped.aborted;
  while (!isStopped()) {
    const versionBefore = state.version;
    const startedAtMs = performance.now();
    try {
      if (state.version === undefined) await relist(cluster, resource, scope, state);
      await watchOnce(cluster, resource, scope, state, stopped);
    } catch (error) {
      if (isStopped()) return;
      if (isGone(error)) state.version = undefined;
      else if (!isPassing(error)) {
        state.fail(error);
        return;
      }
    }
    // One that brought something, or stood for a while, was a good one, however it ended.
    const wasGood = state.version !== versionBefore || performance.now() - startedAtMs > shortestWatchMs;
    failures = wasGood ? 0 : failures + 1;
    // The server may be restarting, or a proxy end each watch at once: ask again soon, then less often.
    if (failures > 0) await pauseUnless(stopped, Math.min(100 * 2 ** failures, longestPauseMs));
  }
}

/** Ends at once when the watch is closed. */
async function pauseUnless(stopped: AbortSignal, pauseMs: number): Promise<void> {
  await pause(pauseMs, undefined, { signal: stopped }).catch(() => undefined);
}

async function relist<T extends KubeObject>(
  cluster: Cluster,
  resource: Resource<T>,
  scope: Scope,
  state: WatchState<T>,
): Promise<void> {
  const { items, resourceVersion } = await listAll((request) => cluster.ask(request), resource, scope);
  state.replaceAll(items as T[], resourceVersion);
}

interface WatchEvent<T> {
  type: string;
  object: T & { code?: number };
}

/** Reads one watch request to its end. */
async function watchOnce<T extends KubeObject>(
  cluster: Cluster,
  resource: Resource<T>,
  scope: Scope,
  state: WatchState<T>,
  signal: AbortSignal,
): Promise<void> {
  const response = await cluster.send({
    method: 'GET',
    path: pathOf(resource, scope.namespace),
    query: {
      watch: true,
      allowWatchBookmarks: true,
      resourceVersion: state.version,
      timeoutSeconds: watchSeconds,
      labelSelector: scope.labelSelector,
      fieldSelector: scope.fieldSelector,
    },
    signal,
    streaming: true,
  });
  response.setTimeout(silenceMs, () => response.destroy(new Error('the watch went silent')));
  for await (const line of linesOf(response)) {
    const event = JSON.parse(line) as WatchEvent<T>;
    if (event.type === 'ERROR') throw errorFromResponse(event.object.code ?? 500, JSON.stringify(event.object));
    if (event.type === 'BOOKMARK') state.version = event.object.metadata.resourceVersion;
    else state.apply(event.type === 'DELETED', event.object);
  }
}

/** The server no longer has the history since our version: list anew. */
function isGone(error: unknown): boolean {
  return error instanceof ClusterError && error.status === 410;
}

/** Connection loss, an overloaded or restarting server, a line cut in the middle: try again. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof ClusterError)) return true;
  return error.status === 0 || error.status === 429 || error.status >= 500;
}
