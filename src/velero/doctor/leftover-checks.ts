/** What restores and deleted backups have left in the cluster, as two checks over one reading. */
import type { Cluster } from '../../cluster/cluster.ts';
import { together } from '../../cluster/together.ts';
import type { Finding } from '../../errors.ts';
import type { Check, CheckName, Seen } from './check.ts';
import { count, few, runCheck } from './check.ts';
import type { Leftover, Leftovers } from './leftovers.ts';
import { nameOf } from './leftovers.ts';
import type { LeftoverScope } from './read-leftovers.ts';
import { readLeftovers } from './read-leftovers.ts';

/** @property removable what --fix would remove; none where it can't be told */
export async function leftoverChecks(
  cluster: Cluster,
  scope: LeftoverScope,
): Promise<{ checks: Check[]; removable: Leftover[] }> {
  const reading = readLeftovers(cluster, scope);
  const check = (name: CheckName, judge: (found: Leftovers, namespace?: string) => Seen): Promise<Check> =>
    runCheck(name, async () => judge(await reading, scope.namespace));
  const checks = await together([check('leftovers', ofRestores), check('deleted backups', ofDeletedBackups)]);
  const isTold = checks.every(({ state }) => state !== 'not checked');
  return { checks, removable: isTold ? (await reading).removable : [] };
}

/** Of what was looked at, and of nothing else. */
function fixIn(namespace: string | undefined): string {
  const where = namespace === undefined ? '' : ` -n ${namespace}`;
  return `remove the objects, never what is on storage: kubectl pvsnap doctor velero --fix${where}`;
}

export function ofRestores({ removable, kept }: Leftovers, namespace?: string): Seen {
  const mine = removable.filter(({ kind }) => kind === 'restore');
  const restores = new Set(mine.map(({ restore }) => restore)).size;
  const findings: Finding[] = [];
  if (mine.length > 0) {
    const problem = `left by ${count(restores, 'restore')} of Velero, and needed by nothing: ${namesOf(mine)}`;
    findings.push({ about: countsOf(mine), problem, remedy: fixIn(namespace) });
  }
  const seen = findings.length === 0 ? ['no restore of Velero has left anything that nothing needs'] : [];
  return { seen: [...seen, ...kept.map(({ about, problem }) => `${about} stays: ${problem}`)], findings };
}

export function ofDeletedBackups({ removable }: Leftovers, namespace?: string): Seen {
  const mine = removable.filter(({ kind }) => kind === 'deleted backup');
  if (mine.length === 0) return { seen: ['no object is left of a backup that was deleted'], findings: [] };
  const backups = [...new Set(mine.map(({ backup }) => backup))];
  const problem =
    `left of ${count(backups.length, 'backup')} that ${backups.length === 1 ? 'is' : 'are'} gone (${few(backups)}): ` +
    `they say ready, and the snapshots on storage may be gone too: ${namesOf(mine)}`;
  return { seen: [], findings: [{ about: countsOf(mine), problem, remedy: fixIn(namespace) }] };
}

function countsOf(leftovers: readonly Leftover[]): string {
  const [snapshots, contents] = [
    leftovers.filter(({ snapshot }) => snapshot !== undefined).length,
    leftovers.filter(({ content }) => content !== undefined).length,
  ];
  return `${count(snapshots, 'snapshot')}, ${count(contents, 'content')}`;
}

function namesOf(leftovers: readonly Leftover[]): string {
  return few(leftovers.map(nameOf));
}
