/** `version`: what to name when asking for help: the program, the server and the snapshot APIs that it serves. */
import type { Cluster } from '../cluster/cluster.ts';
import { UsageError } from '../errors.ts';
import { version } from '../version.ts';
import { shown } from '../terminal/text.ts';
import type { Invocation } from './command.ts';
import { oneOf } from './flags.ts';
import { printValue } from './print.ts';

export const usage = `$0 version [flags]

Prints the version of the program, that of the server, and the versions of the snapshot APIs that the server serves.`;

export const flags = {
  client: { type: 'boolean', describe: "Only the program's version; the cluster isn't asked" },
  output: { type: 'string', alias: 'o', describe: 'How to print the result: json or yaml' },
} as const;

export const examples = [
  ['$0 version', 'The versions that a report of a problem should name'],
  ['$0 version --client -o json', 'For scripts, without a cluster'],
] as const;

interface Versions {
  clientVersion: { gitVersion: string; platform: string; nodeVersion: string };
  serverVersion?: { gitVersion: string };
  /** Absent where the cluster wasn't asked; no versions: the server doesn't serve the group. */
  snapshotApis?: { group: string; versions: string[] }[];
}

const groups = ['snapshot.storage.k8s.io', 'groupsnapshot.storage.k8s.io'];

/** @throws ClusterError when the server doesn't answer, after the program's own version has been printed */
export async function run({ args, output, connect }: Invocation): Promise<void> {
  const [word] = args._;
  if (word !== undefined) throw new UsageError(`version "${word}": expected no further words`);
  const format = oneOf(args, 'output', ['json', 'yaml']);
  const client: Versions = {
    clientVersion: {
      gitVersion: version,
      platform: `${process.platform}/${process.arch}`,
      nodeVersion: process.version,
    },
  };
  let failure: { error: unknown } | undefined;
  const versions =
    args.client === true
      ? client
      : await withServer(client, connect).catch((error: unknown) => {
          failure = { error };
          return client;
        });
  if (format === undefined) await output.print(linesOf(versions));
  else await printValue(output, format, versions);
  if (failure) throw failure.error;
}

async function withServer(client: Versions, connect: () => Cluster): Promise<Versions> {
  const cluster = connect();
  const [server, apis] = await Promise.all([
    cluster.ask({ method: 'GET', path: '/version' }) as Promise<{ gitVersion: string }>,
    cluster.ask({ method: 'GET', path: '/apis' }) as Promise<{
      groups: { name: string; versions: { version: string }[] }[];
    }>,
  ]);
  const snapshotApis = groups.map((group) => ({
    group,
    versions: apis.groups.find(({ name }) => name === group)?.versions.map((one) => one.version) ?? [],
  }));
  return { ...client, serverVersion: { gitVersion: server.gitVersion }, snapshotApis };
}

function linesOf({ clientVersion, serverVersion, snapshotApis = [] }: Versions): string {
  const apis = snapshotApis.map(({ group, versions }) => `${group}: ${versions.join(', ') || 'not served'}`);
  const server = serverVersion ? [`Server Version: ${serverVersion.gitVersion}`] : [];
  return [`Client Version: ${clientVersion.gitVersion}`, ...server, ...apis].map((line) => shown(line)).join('\n');
}
