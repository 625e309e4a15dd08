/** Kubeconfig files, odd and broken ones too, read by kubectl and by us: the same server is asked, or the same words refuse. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Invocation } from './kubectl/both.ts';
import { assertSameWords } from './kubectl/compare.ts';
import { kubeconfig } from './kubectl/configs.ts';

interface Case extends Invocation {
  /** Ours differs on purpose: what it says, and why. */
  differs?: { words: RegExp; because: string };
}

const server = 'http://127.0.0.1:1';
const one = kubeconfig({ cluster: { server } });
/** The content of ~/.kube/config. */
const only = (content: string | object, more: Omit<Case, 'files'> = {}): Case => ({
  files: { '.kube/config': content },
  ...more,
});
const config = (parts: object): object => ({ apiVersion: 'v1', kind: 'Config', ...parts });
const named = (name: string, cluster: object = { server }): object => ({ name, cluster });
const parser = 'the words after `yaml:` are those of another parser';
const secrets = 'kubectl goes on with all that the list holds, tokens and keys too';

const cases: Record<string, Case> = {
  'no file at all': {},
  'an empty file': only(''),
  'an empty object': only({}),
  null: only('null'),
  'a comment': only('# nothing\n'),
  'a list': only('[]'),
  'a text': only('hello'),
  'a number': only('5'),
  'not YAML': only('a: b: c\n  - x', {
    differs: { words: /^error: error loading config file ".*": yaml: /, because: parser },
  }),
  'a tab': only('\tfoo: bar', {
    differs: { words: /^error: error loading config file ".*": yaml: /, because: parser },
  }),
  'control characters': only('\u0001\u0002', {
    differs: { words: /^error: error loading config file ".*": yaml: /, because: parser },
  }),
  'half of a JSON': only('{"apiVersion": "v1",', {
    differs: { words: /^error: error loading config file ".*": yaml: /, because: parser },
  }),
  'another kind': only({ apiVersion: 'v1', kind: 'Pod' }),
  'another version': only({ apiVersion: 'v2', kind: 'Config' }),
  'a version that is a list': only({ apiVersion: [], kind: 'Config' }),
  'no version and kind': only({ ...one, apiVersion: undefined, kind: undefined }),
  'a byte order mark': only(`\ufeff${JSON.stringify(one)}`),
  'anchors and merge keys': only(`
apiVersion: v1
kind: Config
base: &base {server: "${server}"}
clusters: [{name: a, cluster: {<<: *base}}]
contexts: [{name: a, context: {cluster: a}}]
current-context: a`),
  'a key twice': only(`kind: Config\nkind: Config\nclusters: []`),
  'two documents': only(`${JSON.stringify(one)}\n---\nkind: Pod\n`),
  'yes for true': only(`
clusters: [{name: a, cluster: {server: "https://127.0.0.1:1", insecure-skip-tls-verify: yes}}]
users: [{name: a, user: {token: t}}]
contexts: [{name: a, context: {cluster: a, user: a}}]
current-context: a`),
  'keys in capitals': only({ ...one, clusters: undefined, Clusters: [named('the-cluster')] }),
  'a folder': { files: { '.kube/config/x': '' } },
  'a cluster twice': only(config({ clusters: [named('a'), named('a')] }), {
    differs: { words: /duplicate name "a" in list$/m, because: secrets },
  }),
  'a context twice': only(config({ contexts: [{ name: 'a' }, { name: 'a' }] }), {
    differs: { words: /duplicate name "a" in list$/m, because: secrets },
  }),
  'a user twice': only(config({ users: [{ name: 'a', user: { token: 's' } }, { name: 'a' }] }), {
    differs: { words: /duplicate name "a" in list$/m, because: secrets },
  }),
  'a token that is a number': only(config({ users: [{ name: 'a', user: { token: 12 } }] })),
  'users that are an object': only(config({ users: {} })),
  'a cluster that is a text': only(config({ clusters: ['hello'] })),
  'a flag that is a text': only(config({ clusters: [named('a', { 'insecure-skip-tls-verify': 'true' })] })),
  'a namespace that is a boolean': only('contexts: [{name: a, context: {namespace: on}}]'),
  'a current context that is a number': only(config({ 'current-context': 5 })),
  'groups that are a text': only(config({ users: [{ name: 'a', user: { 'as-groups': 'x' } }] })),
  'extras that are texts': only(config({ users: [{ name: 'a', user: { 'as-user-extra': { a: 'x' } } }] })),
  'a provider setting that is a number': only(
    config({ users: [{ name: 'a', user: { 'auth-provider': { name: 'x', config: { a: 1 } } } }] }),
  ),
  'an exec variable that is a number': only(config({ users: [{ name: 'a', user: { exec: { env: [3] } } }] })),
  'data that is no base64': only(config({ clusters: [named('a', { 'certificate-authority-data': '!!!' })] })),
  'data that is cut off': only(config({ users: [{ name: 'a', user: { 'client-key-data': 'abc' } }] })),
  'data that is padded too much': only(config({ users: [{ name: 'a', user: { 'client-key-data': 'YWJj==' } }] })),
  'data with something behind its padding': only(
    config({ users: [{ name: 'a', user: { 'client-key-data': 'YQ==YQ==' } }] }),
  ),
  'data that is a number': only(config({ users: [{ name: 'a', user: { 'client-key-data': 5 } }] })),
  'a context that is missing': only({ ...one, 'current-context': 'other' }),
  'a context that is missing, with a namespace': only({ ...one, 'current-context': 'other' }, { flags: ['-n', 'x'] }),
  'no current context': only({ ...one, 'current-context': undefined }),
  'a cluster that is missing': only({ ...one, clusters: [] }),
  'a user that is missing': only({ ...one, users: [] }),
  'a context without a cluster': only({ ...one, contexts: [{ name: 'the-context', context: {} }] }),
  '--context of nothing': only(one, { flags: ['--context', 'nope'] }),
  '--context of nothing, with a namespace': only(one, { flags: ['--context', 'nope', '-n', 'x'] }),
  '--cluster of nothing': only(one, { flags: ['--cluster', 'nope'] }),
  '--cluster of nothing, with a namespace': only(one, { flags: ['--cluster=nope', '-n=x'] }),
  '--user of nothing': only(one, { flags: ['--user', 'nope'] }),
  'an empty --context': only(one, { flags: ['--context='] }),
  '--kubeconfig of nothing': { flags: ['--kubeconfig', 'nope'] },
  'KUBECONFIG of nothing': { env: { KUBECONFIG: 'nope' } },
  'KUBECONFIG of nothing but colons': { env: { KUBECONFIG: '::' } },
  'a list whose first file is missing': { files: { b: one }, env: { KUBECONFIG: 'nope:b' } },
  'a list with the same file again and again': { files: { b: one }, env: { KUBECONFIG: 'b:b:./b:b' } },
  'a list whose first file wins': {
    files: { a: one, b: kubeconfig({ cluster: { server: 'http://127.0.0.1:2' } }) },
    env: { KUBECONFIG: 'a:b' },
  },
  'a list with one context in each': {
    files: { a: { ...one, 'current-context': '' }, b: config({ 'current-context': 'the-context', contexts: [] }) },
    env: { KUBECONFIG: 'a:b' },
  },
  'a list of which one is broken': { files: { a: one, b: '[]' }, env: { KUBECONFIG: 'a:b' } },
  'a list of which two are broken': { files: { a: '5', b: '[]' }, env: { KUBECONFIG: 'a:b' } },
  '--kubeconfig over KUBECONFIG': { files: { a: '[]', b: one }, env: { KUBECONFIG: 'a' }, flags: ['--kubeconfig=b'] },
  KUBERNETES_MASTER: { env: { KUBERNETES_MASTER: 'http://127.0.0.1:3' } },
  '--server': only(one, { flags: ['--server', 'http://127.0.0.1:4'] }),
  '--server without a scheme': only(one, { flags: ['-s', '127.0.0.1:5'] }),
  '--server by name without a scheme': only(one, { flags: ['-s', 'localhost:5'] }),
  '--server with a path but no scheme': only(one, { flags: ['-s', 'localhost:5/x'] }),
  '--server of another protocol': only(one, { flags: ['-s', 'ftp://localhost:5'] }),
  'a server with a path and a query': only(kubeconfig({ cluster: { server: `${server}/a/b/?x=1#y` } })),
  'an empty server': only(kubeconfig({ cluster: { server: '' } })),
  '--request-timeout of no duration': only(one, { flags: ['--request-timeout', 'soon'] }),
  '--request-timeout without a unit': only(one, { flags: ['--request-timeout', '1.5'] }),
  '--request-timeout below zero': only(one, { flags: ['--request-timeout=-1s'] }),
  '--request-timeout of a microsecond unit': only(one, { flags: ['--request-timeout=2000000us'] }),
  'a proxy of another protocol': only(kubeconfig({ cluster: { server, 'proxy-url': 'ftp://x' } })),
  'a proxy without a protocol': only(kubeconfig({ cluster: { server, 'proxy-url': 'proxy' } })),
  'an authority that is missing': only(kubeconfig({ cluster: { server, 'certificate-authority': 'ca.crt' } })),
  'an authority as file and as data': only(
    kubeconfig({ cluster: { server, 'certificate-authority': '/dev/null', 'certificate-authority-data': 'YQ==' } }),
  ),
  'a certificate without a key': only(kubeconfig({ cluster: { server }, user: { 'client-certificate': '/dev/null' } })),
  'a certificate that is missing': only(
    kubeconfig({ cluster: { server }, user: { 'client-certificate': 'c', 'client-key': '/nowhere/k' } }),
  ),
  'a certificate twice': only(
    kubeconfig({
      cluster: { server },
      user: { 'client-certificate': '/dev/null', 'client-certificate-data': 'YQ==', 'client-key-data': 'YQ==' },
    }),
  ),
  'a token and a password': only(kubeconfig({ cluster: { server }, user: { token: 't', username: 'u' } })),
  'groups without a user to impersonate': only(one, { flags: ['--as-group', 'g'] }),
  'exec without anything': only(kubeconfig({ cluster: { server }, user: { exec: {} } })),
  'exec with an odd mode': only(
    kubeconfig({ cluster: { server }, user: { exec: { command: 'x', apiVersion: 'y', interactiveMode: 'Perhaps' } } }),
  ),
  'exec beside a provider': only(
    kubeconfig({
      cluster: { server },
      user: { 'auth-provider': { name: 'x' }, exec: { command: 'x', apiVersion: 'y', interactiveMode: 'Never' } },
    }),
  ),
};

describe(`kubeconfig files (${Object.keys(cases).length} cases)`, { concurrency: 3 }, () => {
  for (const [name, { differs, ...invocation }] of Object.entries(cases)) {
    test(differs === undefined ? name : `${name} (differs: ${differs.because})`, async () => {
      const { code } = await assertSameWords(invocation, differs?.words);
      assert.equal(code, 1);
    });
  }
});
