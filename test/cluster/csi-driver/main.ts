// The test control plane's CSI driver: serves CSI on a unix socket until it is told to stop or its parent is gone.
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { controllerCalls } from './controller.ts';
import { loadCsi } from './csi.ts';
import { openDriver } from './driver.ts';
import { groupControllerCalls } from './group-controller.ts';
import { identityCalls } from './identity.ts';

const { values } = parseArgs({
  options: {
    socket: { type: 'string' },
    state: { type: 'string' },
    proto: { type: 'string' },
    name: { type: 'string' },
  },
});
const socket = resolve(required('socket'));
const stopAsked = untilStopAsked();
const driver = await openDriver(resolve(required('state')));
const csi = loadCsi(required('proto'));

const server = new Server();
server.addService(csi.Identity, identityCalls(required('name')));
server.addService(csi.Controller, controllerCalls(driver));
server.addService(csi.GroupController, groupControllerCalls(driver));
// A socket left behind by a driver that was killed would be refused.
await rm(socket, { force: true });
await promisify(server.bindAsync.bind(server))(`unix:${socket}`, ServerCredentials.createInsecure());
console.log(`listening ${socket}`);

await stopAsked;
// Forced, because a call may be hanging by its knob.
server.forceShutdown();
driver.knobs.close();
await rm(socket, { force: true });

function required(option: keyof typeof values): string {
  const value = values[option];
  if (value === undefined) throw new Error(`--${option} is missing`);
  return value;
}

async function untilStopAsked(): Promise<void> {
  const { promise, resolve: stop } = Promise.withResolvers<undefined>();
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.once(signal, () => {
      stop(undefined);
    });
  }
  for (const event of ['end', 'close', 'error']) {
    process.stdin.once(event, () => {
      stop(undefined);
    });
  }
  process.stdin.resume();
  await promise;
  // Open, it keeps the process alive.
  process.stdin.destroy();
}
