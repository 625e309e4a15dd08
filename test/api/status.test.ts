import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { errorFromNetwork, errorFromResponse, isConnectionLoss } from '../../src/cluster/status.ts';

const status = { kind: 'Status', status: 'Failure', code: 404 };

test('an answer reads as kubectl prints it', () => {
  const message = 'volumesnapshots.snapshot.storage.k8s.io "zz" not found';
  const error = errorFromResponse(404, JSON.stringify({ ...status, reason: 'NotFound', message }));
  assert.equal(error.message, `Error from server (NotFound): ${message}`);
  assert.deepEqual([error.status, error.reason], [404, 'NotFound']);
});

test('an answer without a reason reads as kubectl prints it', () => {
  const error = errorFromResponse(500, JSON.stringify({ ...status, message: 'etcd is away' }));
  assert.equal(error.message, 'Error from server: etcd is away');
});

test('whatever a proxy writes, an error comes out, and it isn’t endless', () => {
  const bodies = fc.oneof(fc.string({ maxLength: 5000 }), fc.json(), fc.constant('null'), fc.constant('[]'));
  fc.assert(
    fc.property(fc.integer({ min: 400, max: 599 }), bodies, (code, body) => {
      const error = errorFromResponse(code, body);
      assert.equal(error.status, code);
      assert.equal(typeof error.message, 'string');
      assert.equal(typeof error.reason, 'string');
      assert.match(error.message, /^Error from server|^The request is invalid|^error: You must be logged in/);
    }),
  );
  assert.ok(errorFromResponse(502, 'x'.repeat(1e6)).message.length < 2200);
});

test('a message or reason that is no text is not taken for one', () => {
  const error = errorFromResponse(502, JSON.stringify({ message: { text: 'x' }, reason: 5 }));
  assert.equal(typeof error.reason, 'string');
  assert.doesNotMatch(error.message, /\[object Object\]/);
});

test('no answer names the host, and keeps its cause', () => {
  const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  const error = errorFromNetwork('https://example:6443/k8s', cause);
  assert.equal(
    error.message,
    'The connection to the server example:6443 was refused - did you specify the right host or port?',
  );
  assert.equal(error.cause, cause);
  const other = errorFromNetwork('https://example', new Error('unable to verify the first certificate'));
  assert.equal(other.message, 'Unable to connect to the server: unable to verify the first certificate');
  assert.ok(isConnectionLoss(error) && isConnectionLoss(other));
});

test('an answer is no connection loss, nor is an error of ours', () => {
  assert.ok(!isConnectionLoss(errorFromResponse(503, '')));
  assert.ok(!isConnectionLoss(new Error('x')));
});
