/** Programs that hand out credentials: kubectl and we run them alike. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Finished, Invocation } from './kubectl/both.ts';
import { runKubectl, runOurs } from './kubectl/both.ts';
import { assertSameRequest, assertSameWords } from './kubectl/compare.ts';
import { base64, kubeconfig } from './kubectl/configs.ts';
import { authority, record } from './kubectl/recorder.ts';

const v1 = 'client.authentication.k8s.io/v1';
const v1beta1 = 'client.authentication.k8s.io/v1beta1';
const jane = authority.issueClient({ commonName: 'jane' });
const other = authority.issueClient({ commonName: 'other' });

/** Prints a credential. `$INFO` in it is all that the program was told, in Base64, and `$SEEN` a variable of the kubeconfig. */
const plugin = (credential: object): string => `#!/bin/sh
INFO=$(printf %s "$KUBERNETES_EXEC_INFO" | base64 | tr -d '\\n')
cat <<END
${JSON.stringify(credential)}
END
`;
const answer = (status: object | undefined, apiVersion = v1): object => ({
  apiVersion,
  kind: 'ExecCredential',
  status,
});
const token = (text: string): object => ({ token: text });

interface Case {
  script?: string;
  exec?: object;
  cluster?: object;
  user?: object;
  env?: Record<string, string>;
}

function invocationOf(server: string, { script, exec = {}, cluster = {}, user = {}, env = {} }: Case): Invocation {
  const config = kubeconfig({
    cluster: { server, 'certificate-authority-data': base64(authority.certificate), ...cluster },
    user: { exec: { apiVersion: v1, command: './login', interactiveMode: 'IfAvailable', ...exec }, ...user },
  });
  return { env, files: { '.kube/config': config, ...(script !== undefined && { '.kube/login': script }) } };
}

const given: Record<string, Case & { authorization?: RegExp; certificate?: string }> = {
  'a token': { script: plugin(answer(token('t'))), authorization: /^Bearer t$/ },
  'a token, as YAML': {
    script: `#!/bin/sh\nprintf 'apiVersion: ${v1}\\nkind: ExecCredential\\nstatus: {token: t}\\n'`,
    authorization: /^Bearer t$/,
  },
  'a token that expires': {
    script: plugin(answer({ token: 't', expirationTimestamp: '2040-01-01T00:00:00Z' })),
    authorization: /^Bearer t$/,
  },
  'a token of the older interface': {
    script: plugin(answer(token('$INFO'), v1beta1)),
    exec: { apiVersion: v1beta1, interactiveMode: undefined },
    authorization: /^Bearer /,
  },
  'a certificate': {
    script: plugin(answer({ clientCertificateData: jane.certificate, clientKeyData: jane.key })).replaceAll(
      '\\n',
      '\\\\n',
    ),
    certificate: 'jane',
  },
  'what the kubeconfig says of the program': {
    script: plugin(answer(token('$SEEN-$1'))),
    exec: { args: ['a b'.replace(' ', '-')], env: [{ name: 'SEEN', value: 'seen' }] },
    authorization: /^Bearer seen-a-b$/,
  },
  'what the program is told': { script: plugin(answer(token('$INFO'))), authorization: /^Bearer / },
  'what the program is told of the cluster': {
    script: plugin(answer(token('$INFO'))),
    exec: { provideClusterInfo: true },
    cluster: {
      'tls-server-name': 'localhost',
      'disable-compression': true,
      extensions: [
        { name: 'other', extension: 1 },
        { name: 'client.authentication.k8s.io/exec', extension: { audience: 'x', more: [1, true, null] } },
      ],
    },
    authorization: /^Bearer /,
  },
  'what the program is told of a cluster without more': {
    script: plugin(answer(token('$INFO'))),
    exec: { provideClusterInfo: true },
    authorization: /^Bearer /,
  },
  'nothing when there is a token': {
    exec: { command: 'none' },
    user: { token: 'mine' },
    authorization: /^Bearer mine$/,
  },
  'nothing when there is a certificate': {
    exec: { command: 'none' },
    user: { 'client-certificate-data': base64(other.certificate), 'client-key-data': base64(other.key) },
    certificate: 'other',
  },
};

describe('a program gives', { concurrency: 3 }, () => {
  for (const [name, { authorization, certificate = '', ...one }] of Object.entries(given)) {
    test(name, async (t) => {
      const recorder = await record(t);
      const seen = await assertSameRequest(recorder, invocationOf(recorder.url, one));
      assert.match(seen?.authorization ?? 'nothing', authorization ?? /^$/);
      assert.equal(seen?.certificate, certificate);
    });
  }
});

const refused: Record<string, Case> = {
  fails: { script: '#!/bin/sh\necho "no luck" >&2; exit 3' },
  'is not there': {},
  'is not in PATH': { exec: { command: 'no-such-login', installHint: 'Get it at \u001b[1mhome' } },
  'may not be run': { exec: { command: './config' } },
  'prints nothing': { script: '#!/bin/sh' },
  'says nothing of its kind': { script: plugin({ status: token('t') }) },
  'answers with another version': { script: plugin(answer(token('t'), v1beta1)) },
  'has no status': { script: plugin(answer(undefined)) },
  'has an empty status': { script: plugin(answer({})) },
  'has a certificate without a key': { script: plugin(answer({ clientCertificateData: 'x' })) },
  'has a certificate that is none': { script: plugin(answer({ clientCertificateData: 'x', clientKeyData: 'y' })) },
  'must ask, and nobody is there': { script: plugin(answer(token('t'))), exec: { interactiveMode: 'Always' } },
  'is of an interface that has gone': {
    script: plugin(answer(token('t'))),
    exec: { apiVersion: 'client.authentication.k8s.io/v1alpha1' },
  },
  'would stand aside, but is of no interface': { exec: { apiVersion: 'x' }, user: { token: 'mine' } },
};

describe('a program', { concurrency: 3 }, () => {
  for (const [name, one] of Object.entries(refused)) {
    test(`that ${name}`, async () => {
      const server = 'https://127.0.0.1:1';
      await assertSameWords({ ...invocationOf(server, one), servers: [server] });
    });
  }
});

const preferences = (rules: object): string =>
  JSON.stringify({ apiVersion: 'kubectl.config.k8s.io/v1beta1', kind: 'Preference', ...rules });
const allowed = (...list: object[]): object => ({
  credentialPluginPolicy: 'Allowlist',
  credentialPluginAllowlist: list,
});
const rules: Record<string, object> = {
  'no program': { credentialPluginPolicy: 'DenyAll' },
  'any program': { credentialPluginPolicy: 'AllowAll' },
  'programs, but doesn’t say which': { credentialPluginPolicy: 'Allowlist' },
  'programs of an empty list': allowed(),
  'another program': allowed({ command: '/usr/bin/login' }),
  'this program by its name': allowed({ command: 'sh' }, { name: 'true' }),
  'this program by its path': allowed({ command: '/usr/bin/true' }),
  'something that isn’t known': { credentialPluginPolicy: 'Perhaps' },
  'a list without a policy': { credentialPluginAllowlist: [{ command: 'x' }] },
  'a path that isn’t plain': allowed({ command: 'a/../b' }),
  'an empty entry': allowed({}),
};

describe('a user who allows', { concurrency: 3 }, () => {
  const server = 'https://127.0.0.1:1';
  /** kubectl looks at its preferences before it does anything, and says so in front. */
  const early = /^error occurred while applying preferences |^Unable to connect to the server: getting credentials: /;
  for (const [name, more] of Object.entries(rules)) {
    test(name, async () => {
      const command = name.startsWith('this program') ? 'true' : './login';
      const { files } = invocationOf(server, { script: plugin(answer(token('t'))), exec: { command } });
      const invocation = { files: { ...files, '.kube/kuberc': preferences(more) }, servers: [server] };
      const [kubectl, ours] = [await runKubectl(invocation), await runOurs(invocation)];
      const words = ({ stderr, folder }: Finished): string => stderr.replaceAll(folder, '').replace(early, '');
      assert.deepEqual([ours.code, words(ours)], [kubectl.code, words(kubectl).replace(/\n?$/, '\n')]);
    });
  }
});

/** A token of its own for every run. */
const counting = `#!/bin/sh
echo x >> runs
printf '{"apiVersion":"${v1}","kind":"ExecCredential","status":{"token":"run-%d"}}' $(wc -l < runs)
`;

describe('credentials that the server refuses', () => {
  test('are asked for again: kubectl then gives up, we use the new ones', async (t) => {
    const recorder = await record(t, {
      respond: ({ headers }, response) => {
        const isGood = headers.authorization === 'Bearer run-2';
        response.writeHead(isGood ? 200 : 401, { 'Content-Type': 'application/json' });
        response.end(
          JSON.stringify({
            kind: isGood ? 'Table' : 'Status',
            reason: 'Unauthorized',
            columnDefinitions: [],
            rows: [],
          }),
        );
      },
    });
    const invocation = { ...invocationOf(recorder.url, { script: counting }), servers: [recorder.url] };
    const tokens = (): string[] => recorder.recorded.splice(0).map(({ authorization }) => authorization);
    assert.equal((await runKubectl(invocation)).code, 1);
    assert.deepEqual(tokens(), ['Bearer run-1']);
    assert.equal((await runOurs(invocation)).code, 0);
    assert.deepEqual(tokens(), ['Bearer run-1', 'Bearer run-2']);
  });

  test('twice are the end', async (t) => {
    const recorder = await record(t, { respond: (_, response) => response.writeHead(401).end() });
    const { stderr, code } = await runOurs(invocationOf(recorder.url, { script: counting }));
    assert.match(stderr, /^error: You must be logged in to the server/);
    assert.deepEqual([code, recorder.recorded.length], [1, 2]);
  });
});
