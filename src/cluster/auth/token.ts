/** A bearer token, from the kubeconfig or from a file that something else keeps fresh (a pod's service account). */
import { readFileSync } from 'node:fs';
import { ClusterError, reasonOf } from '../../errors.ts';
import { fileProblem } from '../kubeconfig/files.ts';
import type { UserEntry } from '../kubeconfig/shape.ts';
import type { CredentialSource } from './credentials.ts';

/** As long as client-go keeps what it has read: the kubelet writes a new token minutes before the old one ends. */
const freshMs = 50_000;

/**
 * With a token and a file, the file goes first, as in client-go; the token stands in while the file can't be read.
 * @throws ClusterError when there is only a file, and no token in it
 */
export function tokenSource({ token, tokenFile }: UserEntry, now: () => number = Date.now): CredentialSource {
  let held = token ?? (tokenFile === undefined ? '' : readToken(tokenFile));
  let readAtMs = token === undefined ? now() : -Infinity;
  return {
    current: () => {
      if (tokenFile !== undefined && now() - readAtMs > freshMs) {
        try {
          held = readToken(tokenFile);
          readAtMs = now();
        } catch {
          // The token that we have may still be good.
        }
      }
      return Promise.resolve({ authorization: `Bearer ${held}` });
    },
  };
}

function readToken(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new ClusterError(`error: ${fileProblem(error, path) ?? reasonOf(error)}`, 0, '', { cause: error });
  }
  if (text === '') throw new ClusterError(`error: read empty token from file "${path}"`, 0, '');
  return text;
}
