/** Schedules that make no backups. */
import { parseDuration } from '../../cluster/config.ts';
import type { Finding } from '../../errors.ts';
import type { Schedule } from '../resources.ts';
import type { Seen } from './check.ts';
import { count } from './check.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

export function checkSchedules(schedules: readonly Schedule[], nowMs: number, ago: (ms: number) => string): Seen {
  const findings = schedules.flatMap((schedule) => {
    const wrong = whatIsWrong(schedule, nowMs, ago);
    return wrong === undefined ? [] : [{ about: `schedule ${schedule.metadata.name}`, ...wrong }];
  });
  const seen = schedules.length === 0 ? 'there is none: backups are made by hand' : count(schedules.length, 'schedule');
  return { seen: [seen], findings };
}

function whatIsWrong(
  { metadata, spec, status = {} }: Schedule,
  nowMs: number,
  ago: (ms: number) => string,
): Omit<Finding, 'about'> | undefined {
  const { name } = metadata;
  if (status.phase === 'FailedValidation') {
    const said = (status.validationErrors ?? []).join('; ');
    return {
      problem: `is not valid, and makes no backup: ${said}`,
      remedy: `correct spec.schedule ("${spec.schedule}") and spec.template`,
    };
  }
  if (spec.paused === true)
    return { problem: 'is paused: it makes no backup', remedy: `velero schedule unpause ${name}` };
  const { lastBackup } = status;
  const starts = [metadata.creationTimestamp, lastBackup, status.lastSkipped].map((time) => Date.parse(time ?? ''));
  const idleMs = nowMs - Math.max(...starts.filter((time) => !Number.isNaN(time)));
  if (idleMs <= longestGapMs(spec.schedule)) return undefined;
  const last =
    lastBackup === undefined
      ? 'has never made a backup'
      : `made its last backup ${ago(nowMs - Date.parse(lastBackup))} ago`;
  return {
    problem: `${last}, and is due more often ("${spec.schedule}")`,
    remedy: `see whether the server runs (above), and what it says: kubectl logs -n ${metadata.namespace ?? ''} deployment/velero`,
  };
}

const gaps = { year: 367 * dayMs, month: 32 * dayMs, week: 8 * dayMs, day: 25 * hourMs };
const named: Record<string, number> = {
  '@yearly': gaps.year,
  '@annually': gaps.year,
  '@monthly': gaps.month,
  '@weekly': gaps.week,
};

/**
 * After so long without a backup, a schedule surely doesn't run. A coarse bound, on purpose: a year where the months are
 * limited, a month where the days of the month are, a week where the days of the week are, else a day; and some room.
 */
export function longestGapMs(cron: string): number {
  const [, text = ''] = /^(?:(?:CRON_)?TZ=\S+\s+)?(.*)$/.exec(cron.trim()) ?? [];
  const [, every] = /^@every\s+(\S+)$/.exec(text) ?? [];
  if (every !== undefined) return Math.max(gaps.day, (parseDuration(every) ?? 0) + hourMs);
  const [, , ofMonth = '*', month = '*', ofWeek = '*'] = text.split(/\s+/);
  if (text.startsWith('@')) return named[text] ?? gaps.day;
  if (!isAny(month)) return gaps.year;
  if (!isAny(ofMonth)) return gaps.month;
  return isAny(ofWeek) ? gaps.day : gaps.week;
}

function isAny(field: string): boolean {
  return field === '*' || field === '?' || field === '*/1';
}
