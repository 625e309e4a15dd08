/**
 * When a schedule is due, as the server reads it: ParseStandard of robfig/cron v3. A Schedule that it can't read is stored,
 * and never makes a backup. Pure.
 */
import { parseDuration } from '../cluster/config.ts';

interface Field {
  name: string;
  min: number;
  max: number;
  /** Words for min, min + 1, … */
  words: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const fields: readonly Field[] = [
  { name: 'minute', min: 0, max: 59, words: [] },
  { name: 'hour', min: 0, max: 23, words: [] },
  { name: 'day of the month', min: 1, max: 31, words: [] },
  { name: 'month', min: 1, max: 12, words: months },
  { name: 'day of the week', min: 0, max: 6, words: weekdays },
];
const descriptors = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];

/** @returns in words, what is wrong with it; undefined: nothing */
export function cronProblem(text: string): string | undefined {
  const [, zone, time = ''] = /^(?:(?:CRON_)?TZ=(\S+)\s+)?(.*)$/.exec(text) ?? [];
  if (zone !== undefined && !isTimeZone(zone)) return `there is no time zone ${zone}`;
  if (time.startsWith('@')) return descriptorProblem(time);
  const given = time.split(/\s+/);
  if (given.length !== fields.length) return 'expected five fields such as "0 2 * * *", or @daily';
  return fields.map((field, index) => fieldProblem(field, given[index] ?? '')).find((problem) => problem !== undefined);
}

function descriptorProblem(time: string): string | undefined {
  const [, every] = /^@every (.*)$/.exec(time) ?? [];
  if (every !== undefined) return (parseDuration(every) ?? 0) > 0 ? undefined : `"${every}" is no duration such as 6h`;
  return descriptors.includes(time) ? undefined : `expected one of ${descriptors.join(', ')}, or @every 6h`;
}

function fieldProblem(field: Field, text: string): string | undefined {
  const wrong = text.split(',').find((part) => !isPart(field, part));
  if (wrong === undefined) return undefined;
  return `${field.name}: "${wrong}" is not within ${field.min}-${field.max}`;
}

/** Such as `*`, `5`, `mon-fri`, or one of them with `/2`. */
function isPart({ min, max, words }: Field, part: string): boolean {
  const [range = '', step, ...more] = part.split('/');
  if (more.length > 0 || (step !== undefined && !/^0*[1-9]\d*$/.test(step))) return false;
  if (range === '*' || range === '?') return true;
  const bounds = range.split('-').map((word) => {
    const index = words.indexOf(word.toLowerCase());
    if (index !== -1) return min + index;
    return /^\d+$/.test(word) ? Number(word) : NaN;
  });
  const [first = NaN, last = first, ...others] = bounds;
  return others.length === 0 && min <= first && first <= last && last <= max;
}

/** Go looks for a file of that name, and so at its capitals; `Local` is its own name for the zone of the server. */
function isTimeZone(zone: string): boolean {
  if (zone === 'Local') return true;
  if (!/[A-Z]/.test(zone)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
