import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { storeProblem } from '../../src/velero/explain-store.ts';
import { StoreRefusal } from '../../src/velero/store.ts';

const signed = 'https://minio.storage.svc:9000/backups/x.gz?X-Amz-Signature=secret';

describe('a store that can not be read', () => {
  for (const [code, expected] of [
    ['NoSuchBucket', /has no bucket/],
    ['AccessDenied', /refuses what Velero has signed \(AccessDenied\)/],
    ['RequestTimeTooSkewed', /clocks/],
    ['NoSuchKey', /does not have the file \/backups\/x\.gz/],
    ['SlowDown', /answers 503 SlowDown/],
  ] as const) {
    test(`says what ${code} means`, () => {
      const { problem, remedy = '' } = storeProblem(new StoreRefusal(code === 'SlowDown' ? 503 : 403, code), signed);
      assert.match(`${problem} ${remedy}`, expected);
      assert.doesNotMatch(`${problem} ${remedy}`, /secret/);
    });
  }

  test('inside of the cluster is reached by a port-forward that is spelled out', () => {
    const error = Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND', hostname: 'minio.storage.svc' });
    const { problem, remedy = '' } = storeProblem(error, signed);
    assert.match(problem, /minio\.storage\.svc:9000 is not known on this machine/);
    assert.match(
      remedy,
      /kubectl port-forward -n storage svc\/minio 9000:9000, and give --store-address 127\.0\.0\.1:9000/,
    );
    assert.doesNotMatch(`${problem} ${remedy}`, /secret/);
  });

  test('with a certificate of its own is told where to put its authority', () => {
    const error = Object.assign(new Error('self-signed'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    const { problem, remedy = '' } = storeProblem(error, signed);
    assert.match(problem, /not trusted here: tls: failed to verify certificate/);
    assert.match(remedy, /objectStorage\.caCert/);
  });

  for (const address of ['', 'file:///etc/passwd', 'http://']) {
    test(`says that "${address}" is no address of a store`, () => {
      const { problem } = storeProblem(new TypeError('Invalid URL'), address);
      assert.match(problem, /the address of it that Velero gives is none of HTTP's/);
    });
  }

  test('at an address of no Service gets no command that could not work', () => {
    const error = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const { remedy = '' } = storeProblem(error, 'http://10.0.0.1:9000/x');
    assert.doesNotMatch(remedy, /kubectl port-forward -n/);
    assert.match(remedy, /--store-address HOST:PORT/);
  });
});
