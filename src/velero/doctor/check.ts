/** What a check of `doctor` says: plain data, so that it can be printed for people and for programs. */
import type { Finding } from '../../errors.ts';
import { ClusterError } from '../../errors.ts';

/** In the order in which they are printed. */
export type CheckName =
  | 'server'
  | 'stores'
  | 'store files'
  | 'classes'
  | 'groups'
  | 'backups'
  | 'schedules'
  | 'leftovers'
  | 'deleted backups';

/** What was looked at, and what is wrong with it: nothing where there are no findings. */
export interface Seen {
  /** A sentence each. */
  seen: string[];
  findings: Finding[];
}

export interface Check extends Seen {
  name: CheckName;
  /** not checked: it could not be looked at; `seen` says why. */
  state: 'ok' | 'problem' | 'not checked';
}

/** Thrown by a check that would only repeat what another one says. */
export class NotChecked extends Error {
  override readonly name = 'NotChecked';
}

/**
 * What the server refuses to show ends this check alone.
 * @throws ClusterError when the API server doesn't answer at all; whatever else the work throws
 */
export async function runCheck(name: CheckName, work: () => Promise<Seen>): Promise<Check> {
  try {
    const { seen, findings } = await work();
    return { name, state: findings.length > 0 ? 'problem' : 'ok', seen, findings };
  } catch (error) {
    const isRefused = error instanceof ClusterError && error.status !== 0;
    if (!isRefused && !(error instanceof NotChecked)) throw error;
    return { name, state: 'not checked', seen: [isRefused ? whyNot(error) : error.message], findings: [] };
  }
}

/** As the API server says it: `User "jane" cannot list resource "backups" in API group "velero.io" at the cluster scope`. */
const refusal =
  /cannot (?<verb>\w+) resource "(?<resource>[^"]+)" in API group "(?<group>[^"]*)"(?: in the namespace "(?<place>[^"]+)")?/;

function whyNot({ status, message }: ClusterError): string {
  if (status === 404) return `the cluster doesn't serve what is asked for: ${message}`;
  const { verb, resource, group, place } = refusal.exec(message)?.groups ?? {};
  if (status !== 403 || verb === undefined || resource === undefined) return message;
  const where = place === undefined ? 'in all namespaces, or cluster-wide' : `in namespace ${place}`;
  return `you may not ${verb} ${group === '' ? resource : `${resource}.${group ?? ''}`} ${where}`;
}

const mostNames = 5;

/** The first few of many, and how many more there are. */
export function few(names: readonly string[]): string {
  const more = names.length - mostNames;
  return more > 1 ? `${names.slice(0, mostNames).join(', ')} and ${more} more` : names.join(', ');
}

export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
