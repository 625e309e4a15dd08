import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plan, StepName } from '../../src/restore/plan.ts';
import { makePlan } from '../../src/restore/planning/make-plan.ts';
import { stepsFrom } from '../../src/restore/steps-from.ts';
import { memberFor, observed, request } from './objects.ts';

const safety = { set: 'safety-restore-7f3k2', classOf: new Map([['a', 'hostdir']]) };
const from = (plan: Plan, step: StepName): string => stepsFrom(plan, step).join(' ');

test('an interrupted swap makes sure of what it relies on, and goes on', () => {
  const plan = makePlan(observed([memberFor('a')]), request);
  assert.equal(from(plan, 'retain'), 'stage retain stop swap start settle');
  assert.equal(from(plan, 'swap'), 'retain stop swap start settle');
  assert.equal(from(plan, 'start'), 'start settle');
});

test('a safety set is taken anew until a claim may have been deleted, and never after', () => {
  const plan = makePlan(observed([memberFor('a')]), request, { safety });
  assert.equal(from(plan, 'stop'), 'stop secure replace start');
  assert.equal(from(plan, 'secure'), 'stop secure replace start');
  assert.equal(from(plan, 'replace'), 'replace start');
  assert.equal(from(plan, 'start'), 'start');
});
