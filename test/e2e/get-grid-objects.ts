/** Snapshots, contents and classes with everything in them that is hard to print. Nothing in them changes any more. */
import type { TestContext } from 'node:test';
import type { KubeObject } from '../cluster/api.ts';
import type { TestNamespace } from '../cluster/namespace.ts';

/** Of a driver that nobody serves: no controller gives these a status. */
const driver = 'nobody.serves.this';

/** Control characters, what a terminal obeys, what HTML and YAML read as something else. */
const oddTexts: Record<string, string> = {
  empty: '',
  blank: ' ',
  tab: 'a\tb\tc',
  lines: 'one\ntwo\n',
  'lines-kept': 'one\n\n\n',
  'first-line-indented': '  one\ntwo',
  'trailing-space': 'one \ntwo ',
  return: 'one\rtwo',
  'form-feed': 'one\ftwo\vthree',
  escape: '\u001b[31mred\u001b[0m',
  bell: '\u0007\b\u0000',
  'next-line': 'a\u0085b',
  'line-separator': 'a\u2028b\u2029c',
  'no-break-space': 'a\u00a0b',
  bidi: 'a\u202eb\u2066c',
  'byte-order-mark': 'a\ufeffb',
  emoji: '😀 snapshot 日本語 é e\u0301',
  html: '<a href="x">&amp;</a>',
  quotes: `'single' "double" \\back`,
  yes: 'yes',
  no: 'No',
  null: 'null',
  tilde: '~',
  true: 'true',
  integer: '12',
  octal: '0o17',
  hex: '0x1F',
  binary: '0b11',
  underscored: '1_000',
  float: '1.5',
  exponent: '1e3',
  dotted: '.5',
  infinity: '.inf',
  'not-a-number': '.NaN',
  sexagesimal: '12:30:45',
  date: '2024-02-29',
  'no-date': '2023-02-29',
  time: '2024-01-02T03:04:05Z',
  'time-with-space': '2024-01-02 03:04:05.678',
  colon: 'key: value',
  'colon-at-end': 'key:',
  hash: 'a #b',
  'hash-inside': 'a#b',
  dash: '- a',
  'dash-alone': '-',
  question: '? a',
  star: '*a',
  anchor: '&a',
  bang: '!a',
  pipe: '|',
  percent: '%a',
  at: '@a',
  backtick: '`a',
  braces: '{a: b}',
  brackets: '[a, b]',
  comma: 'a, b',
  equals: '=',
  merge: '<<',
  document: '---',
  'document-end': '...',
  long: `${'words that go on and on '.repeat(12)}end`,
  'long-word': 'x'.repeat(300),
  'long-quoted': `: ${'quoted words that go on '.repeat(8)}  two spaces  end`,
  'long-escaped': `\u001b ${'escaped words that go on '.repeat(8)}  two spaces  end`,
  json: '{"apiVersion":"v1","spec":{"creationTime":1699999999123456789}}\n',
};

/** What go-yaml refuses to write: kept apart, so that only one object can't be printed as YAML. */
const refusedByYaml = 'delete\u007f and C1 \u009b';

/**
 * Lays them out in the namespace, and beside it what is cluster-wide.
 * @returns the value of the label `grid` that all have, with which the names of what is cluster-wide begin
 */
export async function layOutGrid(t: TestContext, namespace: TestNamespace): Promise<string> {
  const label = namespace.name;
  const { api } = namespace;
  const objects = [...contents(label), ...classes(label), ...groupObjects(label)];
  t.after(() => Promise.allSettled(objects.map(({ kind, metadata }) => api.delete(kind, metadata.name))));
  // Created, not applied: the server reads what is applied as YAML, which not all of it is.
  await Promise.all(objects.map((object) => api.create(object)));
  await namespace.apply([...snapshots(label), ...groupSnapshots(label)]);
  await setStatus(namespace, label);
  await settled(namespace, label);
  return label;
}

const snapshotApi = 'snapshot.storage.k8s.io/v1';
const groupApi = 'groupsnapshot.storage.k8s.io/v1';

function labelled(name: string, label: string, labels: Record<string, string> = {}): KubeObject['metadata'] {
  return { name, labels: { grid: label, ...labels } };
}

function content(name: string, label: string, ref: object, more: object = {}): KubeObject {
  return {
    apiVersion: snapshotApi,
    kind: 'VolumeSnapshotContent',
    metadata: labelled(name, label, { tier: name.at(-1) ?? '' }),
    spec: {
      deletionPolicy: 'Retain',
      driver,
      source: { snapshotHandle: 'x' },
      volumeSnapshotRef: ref,
      ...more,
    },
  };
}

function contents(label: string): KubeObject[] {
  const elsewhere = { name: 'none', namespace: 'nowhere' };
  const odd = ['tab', 'form-feed', 'escape', 'return', 'lines', 'bidi', 'emoji', 'bell', 'html', 'empty'];
  return [
    content(`${label}-bound`, label, { name: 'bound', namespace: label }),
    content(`${label}-failed`, label, { name: 'failed', namespace: label }),
    ...odd.map((key, index) =>
      content(`${label}-odd-${index}`, label, elsewhere, {
        driver: `driver ${oddTexts[key] ?? ''}`,
        volumeSnapshotClassName: oddTexts[key] ?? '',
      }),
    ),
  ];
}

function classes(label: string): KubeObject[] {
  const plain = { apiVersion: snapshotApi, kind: 'VolumeSnapshotClass', driver, deletionPolicy: 'Delete' };
  const annotations = Object.fromEntries(Object.entries(oddTexts).map(([key, text]) => [`odd.io/${key}`, text]));
  return [
    { ...plain, metadata: labelled(`${label}-class`, label) },
    { ...plain, metadata: { ...labelled(`${label}-odd`, label), annotations }, parameters: oddTexts },
    { ...plain, metadata: labelled(`${label}-keys`, label), parameters: oddKeys() },
    // Without the label, or no list that it is in could be printed as YAML.
    { ...plain, metadata: { name: `${label}-refused` }, parameters: { odd: refusedByYaml } },
  ];
}

function oddKeys(): Record<string, string> {
  // Where digits and punctuation meet, go-yaml's order of keys is no order, and changes from run to run.
  const keys = Object.values(oddTexts).filter((text) => text !== '' && !/^[\d.+]|\u0085/.test(text));
  const numbered = ['a1', 'a10', 'a2', 'a02', 'B', 'b', '_', 'é', '1', '10', '2'];
  return Object.fromEntries([...keys, ...numbered].map((key, index) => [key, String(index)]));
}

function snapshots(label: string): KubeObject[] {
  const snapshot = (name: string, source: object, labels: Record<string, string> = {}): KubeObject => ({
    apiVersion: snapshotApi,
    kind: 'VolumeSnapshot',
    metadata: labelled(name, label, labels),
    spec: { source },
  });
  return [
    snapshot('bound', { volumeSnapshotContentName: `${label}-bound` }, { 'app.kubernetes.io/name': 'kafka' }),
    snapshot('failed', { volumeSnapshotContentName: `${label}-failed` }, { tier: 'b' }),
    snapshot('lost', { volumeSnapshotContentName: 'there.is.no.such.content' }, { tier: 'a' }),
    {
      ...snapshot('noted', { volumeSnapshotContentName: 'there.is.none' }),
      metadata: {
        ...labelled('noted', label),
        annotations: { 'note.io/odd': oddTexts.emoji ?? '', 'note.io/lines': oddTexts.lines ?? '' },
      },
    },
    ...Array.from({ length: 14 }, (_, index) =>
      snapshot(
        `many-${index}`,
        { volumeSnapshotContentName: 'there.is.none' },
        { size: ['1Gi', '500Mi', '2G'][index % 3] ?? '' },
      ),
    ),
  ];
}

function groupSnapshots(label: string): KubeObject[] {
  return ['one', 'two'].map((name) => ({
    apiVersion: groupApi,
    kind: 'VolumeGroupSnapshot',
    metadata: labelled(name, label),
    spec: { source: { volumeGroupSnapshotContentName: 'there.is.none' } },
  }));
}

function groupObjects(label: string): KubeObject[] {
  return [
    {
      apiVersion: groupApi,
      kind: 'VolumeGroupSnapshotClass',
      metadata: labelled(`${label}-class`, label),
      driver,
      deletionPolicy: 'Retain',
    },
    {
      apiVersion: groupApi,
      kind: 'VolumeGroupSnapshotContent',
      metadata: labelled(`${label}-content`, label),
      spec: {
        deletionPolicy: 'Retain',
        driver,
        source: { groupSnapshotHandles: { volumeGroupSnapshotHandle: 'g', volumeSnapshotHandles: ['a', 'b'] } },
        volumeGroupSnapshotRef: { name: 'none', namespace: 'nowhere' },
      },
    },
  ];
}

/** Nanoseconds, which no double holds. */
const cutAt = '1699999999123456789';

/** What a driver's sidecar would write. */
async function setStatus(namespace: TestNamespace, label: string): Promise<void> {
  const error = { message: `no space \u001b[31m<&>\ttab\nsecond line`, time: '2024-01-02T03:04:05Z' };
  const statuses = {
    [`${label}-bound`]: `{"readyToUse":true,"restoreSize":9007199254740993,"snapshotHandle":"x","creationTime":${cutAt}}`,
    [`${label}-failed`]: JSON.stringify({ readyToUse: false, error }),
    [`${label}-odd-0`]: '{"restoreSize":0,"readyToUse":false}',
    [`${label}-odd-1`]: '{"restoreSize":1500000,"readyToUse":true,"creationTime":1}',
  };
  await Promise.all(
    Object.entries(statuses).map(async ([name, status]) => {
      const patch = ['patch', 'vsc', name, '--subresource=status', '--type=merge', '-p', `{"status":${status}}`];
      const { code, stderr } = await namespace.kubectl(...patch);
      if (code !== 0) throw new Error(stderr);
    }),
  );
}

/** The snapshot controller writes what it finds into snapshots, and into contents whose snapshot they are. */
async function settled(namespace: TestNamespace, label: string): Promise<void> {
  interface Snapshot {
    status?: { error?: object; readyToUse?: boolean; boundVolumeSnapshotContentName?: string; restoreSize?: string };
  }
  const isFailed = ({ status }: Snapshot): boolean => status?.error !== undefined;
  const isBound = ({ status }: Snapshot): boolean => status?.readyToUse === true && status.restoreSize !== undefined;
  await Promise.all([
    namespace.waitFor<Snapshot>('VolumeSnapshot', 'bound', isBound),
    ...snapshots(label)
      .map(({ metadata }) => metadata.name)
      .filter((name) => name !== 'bound')
      .map((name) => namespace.waitFor<Snapshot>('VolumeSnapshot', name, isFailed)),
    ...['one', 'two'].map((name) => namespace.waitFor<Snapshot>('VolumeGroupSnapshot', name, isFailed)),
  ]);
}
