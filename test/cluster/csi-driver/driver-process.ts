// Starts the driver as the control plane does, and speaks gRPC to it: for the driver's own tests.
import { Client, credentials, status } from '@grpc/grpc-js';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { loadCsi } from './csi.ts';
import type { CsiService } from './csi.ts';
import type { CodeName } from './knobs.ts';
import { findCsiProto } from './proto.ts';

export interface DriverProcess {
  stateDir: string;
  socket: string;
  child: ChildProcess;
  /** Calls METHOD of a service; rejects with the answer when it is not OK. */
  call: <Response>(method: `${CsiService}/${string}`, request: object, deadlineMs?: number) => Promise<Response>;
  /** The driver's log line that matches, once it is written. */
  logged: (pattern: RegExp) => Promise<string>;
  stop: () => Promise<void>;
}

const driverName = 'hostdir.csi.pvsnap.io';

/** @param stateDir that of an earlier driver, or a new one, which goes when the driver is stopped */
export async function startDriver(stateDir?: string): Promise<DriverProcess> {
  const proto = await findCsiProto();
  const folder = await mkdtemp(join(tmpdir(), 'csi-'));
  const state = stateDir ?? join(folder, 'state');
  const socket = join(folder, 'csi.sock');
  const main = join(import.meta.dirname, 'main.ts');
  const options = ['--socket', socket, '--state', state, '--proto', proto, '--name', driverName];
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...options]);
  const log = createInterface({ input: child.stderr });
  const lines: string[] = [];
  log.on('line', (line) => lines.push(line));
  const ended = once(child, 'close');
  const ready = once(createInterface({ input: child.stdout }), 'line');
  await Promise.race([ready, ended.then(() => assert.fail(`the driver ended: ${lines.join('\n')}`))]);
  assert.deepEqual(await ready, [`listening ${socket}`]);

  const client = new Client(`unix:${socket}`, credentials.createInsecure());
  return {
    stateDir: state,
    socket,
    child,
    call: caller(client, loadCsi(proto)),
    logged: async (pattern) => {
      const written = lines.find((line) => pattern.test(line));
      if (written !== undefined) return written;
      for (;;) {
        const [line] = (await once(log, 'line')) as [string];
        if (pattern.test(line)) return line;
      }
    },
    stop: async () => {
      client.close();
      child.stdin.end();
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

/** For assert.rejects: an answer with this code, and a message that contains this text. */
export function answer(code: CodeName, text = ''): (error: unknown) => boolean {
  return (error) => {
    assert(error instanceof Error && 'code' in error && 'details' in error, String(error));
    assert.equal(status[error.code as status], code, error.message);
    assert(String(error.details).includes(text), error.message);
    return true;
  };
}

function caller(client: Client, csi: ReturnType<typeof loadCsi>): DriverProcess['call'] {
  return <Response>(method: string, request: object, deadlineMs = 30_000) => {
    const [service, name = ''] = method.split('/');
    const definition = csi[service as CsiService][name];
    assert(definition, `csi.proto has no ${method}`);
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    client.makeUnaryRequest(
      definition.path,
      definition.requestSerialize,
      (bytes) => definition.responseDeserialize(bytes) as Response,
      request,
      { deadline: Date.now() + deadlineMs },
      (error, response) => {
        if (error !== null || response === undefined) reject(error ?? new Error('no answer'));
        else resolve(response);
      },
    );
    return promise;
  };
}
