import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cronProblem } from '../../src/velero/cron.ts';

describe('a schedule', () => {
  for (const text of [
    '0 2 * * *',
    '*/5 0-23/2 1,15 jan-MAR mon-fri',
    '5/10 ? ? * 0,6',
    'TZ=Europe/Berlin 0 2 * * *',
    'CRON_TZ=UTC 0 2 * * *',
    '59 23 31 12 6',
    'TZ=Local 0 2 * * *',
    '@daily',
    '@every 1h30m',
  ]) {
    test(`"${text}" is one`, () => {
      assert.equal(cronProblem(text), undefined);
    });
  }

  for (const [text, expected] of [
    ['', /expected five fields/],
    ['0 2 * *', /expected five fields/],
    ['0 0 2 * * *', /expected five fields/],
    ['60 2 * * *', /minute: "60" is not within 0-59/],
    ['0 24 * * *', /hour: "24" is not within 0-23/],
    ['0 2 0 * *', /day of the month: "0" is not within 1-31/],
    ['0 2 * 13 *', /month: "13"/],
    ['0 2 * * 7', /day of the week: "7"/],
    ['0 2 * * monday', /day of the week: "monday"/],
    ['5-2 * * * *', /minute: "5-2"/],
    ['*/0 * * * *', /minute: "\*\/0"/],
    ['1,,2 * * * *', /minute: ""/],
    ['1/2/3 * * * *', /minute/],
    ['-1 * * * *', /minute: "-1"/],
    ['TZ=Nowhere/No 0 2 * * *', /there is no time zone Nowhere\/No/],
    ['TZ=europe/berlin 0 2 * * *', /there is no time zone europe\/berlin/],
    [' @daily', /expected five fields/],
    ['@nightly', /expected one of @yearly/],
    ['@every soon', /"soon" is no duration/],
    ['@every 0s', /"0s" is no duration/],
  ] as const) {
    test(`"${text}" is none`, () => {
      assert.match(cronProblem(text) ?? '', expected);
    });
  }
});
