import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CancelledError,
  ClusterError,
  FailedError,
  RefusedError,
  UsageError,
  exitCodeOf,
  isClusterError,
  reasonOf,
} from '../src/errors.ts';

test('each kind of error has its exit code, and every unknown one is 1', () => {
  assert.equal(exitCodeOf(new UsageError('x')), 2);
  assert.equal(exitCodeOf(new CancelledError('x')), 130);
  for (const error of [
    new RefusedError('x'),
    new FailedError('x'),
    new ClusterError('x', 0, ''),
    new Error('x'),
    'x',
    null,
  ]) {
    assert.equal(exitCodeOf(error), 1);
  }
});

test('errors carry their kind, findings, status and cause', () => {
  const findings = [{ about: 'a', problem: 'b' }];
  assert.deepEqual(new RefusedError('x', findings).findings, findings);
  assert.deepEqual(new RefusedError('x').findings, []);
  const cause = new Error('why');
  const error = new ClusterError('x', 409, 'Conflict', { cause });
  assert.deepEqual([error.name, error.status, error.reason, error.cause], ['ClusterError', 409, 'Conflict', cause]);
  assert.ok(
    isClusterError(error, 'Conflict') && !isClusterError(error, 'NotFound') && !isClusterError(cause, 'Conflict'),
  );
});

test('whatever was thrown has words', () => {
  assert.deepEqual([new Error('x'), 'y', undefined, 5].map(reasonOf), ['x', 'y', 'undefined', '5']);
});
