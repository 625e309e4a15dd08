/** What it means when a backup's files can't be read, and what to do. */
import type { Finding } from '../errors.ts';
import { reasonOf } from '../errors.ts';
import { goFailure } from '../cluster/transport/failures.ts';
import { StoreRefusal } from './store.ts';

export type StoreProblem = Omit<Finding, 'about'>;

/** @param signed the address that Velero signed; its query is a credential for minutes, and is never shown */
export function storeProblem(error: unknown, signed: string): StoreProblem {
  const url = URL.parse(signed);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    return {
      problem: "the address of it that Velero gives is none of HTTP's",
      remedy: "correct config.s3Url and config.publicUrl of Velero's BackupStorageLocation",
    };
  }
  if (error instanceof StoreRefusal) return refused(error, url);
  return unreached(error, url);
}

function refused({ status, code, message }: StoreRefusal, { host, pathname }: URL): StoreProblem {
  const at = `the store at ${host}`;
  switch (code) {
    case 'RequestTimeTooSkewed':
    case 'ExpiredToken':
      return {
        problem: `${at} takes the signature for too old or too new (${code})`,
        remedy: "set the clocks of Velero's node and of the store right (NTP)",
      };
    case 'NoSuchBucket':
      return {
        problem: `${at} has no bucket for it (NoSuchBucket)`,
        remedy: "make the bucket again, or correct objectStorage.bucket of Velero's BackupStorageLocation",
      };
    case 'NoSuchKey':
      return {
        problem: `${at} does not have the file ${pathname}`,
        remedy: 'the backup was made by a Velero that writes no such file, or somebody has deleted it from the store',
      };
    case 'SignatureDoesNotMatch':
    case 'InvalidAccessKeyId':
    case 'AccessDenied':
      return {
        problem: `${at} refuses what Velero has signed (${code})`,
        remedy:
          "check the credentials of Velero's BackupStorageLocation, and that nothing between here and the store changes the Host header",
      };
    default:
      return {
        problem: `${at}: ${message}`,
        remedy: status === 404 ? 'the file is not there; look at: velero backup logs' : "look at the store's own log",
      };
  }
}

function unreached(error: unknown, url: URL): StoreProblem {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const words = error instanceof Error ? (goFailure(error) ?? reasonOf(error)) : reasonOf(error);
  const at = `the store's address ${url.host}`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return {
      problem: `${at} is not known on this machine: Velero signs the address that it uses itself`,
      remedy: wayThrough(url),
    };
  }
  if (/CERT|ISSUER|SELF_SIGNED|CA$|ALTNAME|SSL/.test(code)) {
    return {
      problem: `${at} has a certificate that is not trusted here: ${words}`,
      remedy:
        "put its authority into objectStorage.caCert of Velero's BackupStorageLocation, or into SSL_CERT_FILE here",
    };
  }
  return { problem: `${at} can't be reached from here: ${words}`, remedy: wayThrough(url) };
}

/** A store inside of the cluster: its Service is named by its address. */
function wayThrough({ hostname, port, protocol }: URL): string {
  const [, service, namespace] = /^([a-z][^.]*)\.([^.]+)(\.svc(\..*)?)?$/.exec(hostname) ?? [];
  const number = port === '' ? (protocol === 'https:' ? '443' : '80') : port;
  const publicly = "or set config.publicUrl of Velero's BackupStorageLocation to an address that works from here";
  if (service === undefined || namespace === undefined) {
    return `see whether the store runs, and can be reached from this machine; by another way there: --store-address HOST:PORT; ${publicly}`;
  }
  return (
    `kubectl port-forward -n ${namespace} svc/${service} 9000:${number}, and give --store-address 127.0.0.1:9000; ` +
    publicly
  );
}
