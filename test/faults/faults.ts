/** What the proxy does to a call, besides passing it on. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** One call that is about to suffer. */
interface Victim {
  isWatch: boolean;
  response: ServerResponse;
  /** Sends the call to the API server. @returns its answer, of which nothing has been read */
  act: () => Promise<IncomingMessage>;
  /** Ends the program with SIGKILL. */
  kill: () => void;
  /** Ends every connection, and has the address refuse new ones for a moment. */
  refuse: () => void;
}

interface Fault {
  strike: (victim: Victim) => Promise<void> | void;
  /** For watches alone. */
  watchOnly?: true;
  /** Flags that keep the program from waiting for minutes until it notices. */
  flags?: readonly string[];
  /** The program dies of it, and tells nobody. */
  isDeadly?: true;
}

const faults = {
  refuse: {
    strike: ({ refuse }) => {
      refuse();
    },
  },
  'drop before': {
    strike: ({ response }) => {
      response.destroy();
    },
  },
  'drop after': {
    strike: async (victim) => {
      await acted(victim);
      victim.response.destroy();
    },
  },
  '409': { strike: status(409, 'Conflict', 'the object has been modified; please apply your changes to the latest') },
  '410': { strike: status(410, 'Expired', 'too old resource version: 1 (2)') },
  '429': {
    strike: status(429, 'TooManyRequests', 'too many requests, please try again later', { 'retry-after': '1' }),
  },
  '500': { strike: status(500, 'InternalError', 'Internal error occurred: etcdserver: leader changed') },
  '500 after': {
    strike: async (victim) => {
      await acted(victim);
      await status(500, 'InternalError', 'Internal error occurred: etcdserver: request timed out')(victim);
    },
  },
  '503': { strike: status(503, 'ServiceUnavailable', 'the server is currently unable to handle the request') },
  // The connection stays open, and nothing comes.
  'time out': { strike: () => undefined, flags: ['--request-timeout=20s', '--timeout=30s'] },
  'time out after': {
    strike: acted,
    flags: ['--request-timeout=20s', '--timeout=30s'],
  },
  'stall the watch': { strike: answeredByNothing, watchOnly: true, flags: ['--timeout=15s'] },
  'cut the watch': {
    strike: async (victim) => {
      await answeredByNothing(victim);
      victim.response.write('{"type":"MODIFIED","obj', () => victim.response.destroy());
    },
    watchOnly: true,
  },
  'gone in the watch': {
    strike: async (victim) => {
      await answeredByNothing(victim);
      const object = statusObject(410, 'Expired', 'too old resource version: 1 (2)');
      victim.response.end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
    },
    watchOnly: true,
  },
  'kill before': {
    strike: ({ kill }) => {
      kill();
    },
    isDeadly: true,
  },
  'kill after': {
    strike: async (victim) => {
      await acted(victim);
      victim.kill();
    },
    isDeadly: true,
  },
} satisfies Record<string, Fault>;

export type FaultName = keyof typeof faults;

export const faultNames = Object.keys(faults) as FaultName[];

export function faultOf(name: FaultName): Fault {
  return faults[name];
}

/** The server has done what it was asked for. A watch never ends: that it has begun is enough. */
async function acted({ isWatch, act }: Victim): Promise<void> {
  const answer = await act();
  if (isWatch) answer.destroy();
  else answer.resume();
  await once(answer, 'close');
}

function status(code: number, reason: string, message: string, headers = {}): Fault['strike'] {
  return ({ response }) => {
    response.writeHead(code, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(statusObject(code, reason, message)));
  };
}

function statusObject(code: number, reason: string, message: string): object {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
}

/** A watch that the server has taken, and that tells nothing. */
async function answeredByNothing({ response, act }: Victim): Promise<void> {
  const answer = await act();
  answer.destroy();
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
}
