import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { KubeObject } from '../../src/cluster/objects.ts';
import { findGitOps } from '../../src/workloads/gitops.ts';
import type { FakeCluster } from './cluster.ts';
import { servedCluster } from './served.ts';

const argoKinds = [
  'argoproj.io/v1alpha1 Application applications',
  'argoproj.io/v1alpha1 ApplicationSet applicationsets',
];
const fluxKinds = [
  'kustomize.toolkit.fluxcd.io/v1 Kustomization kustomizations',
  'helm.toolkit.fluxcd.io/v2 HelmRelease helmreleases',
];

type Found = Awaited<ReturnType<typeof findGitOps>>;

function object(apiVersion: string, kind: string, name: string, metadata: object = {}, rest: object = {}): KubeObject {
  const uid = `u-${kind}-${name}`;
  return { apiVersion, kind, metadata: { name, namespace: 'shop', uid, ...metadata }, ...rest };
}

const statefulSet = (metadata: object): KubeObject => object('apps/v1', 'StatefulSet', 'es', metadata);

const trackedBy = (instance: string): object => ({
  annotations: { 'argocd.argoproj.io/tracking-id': `${instance}:apps/StatefulSet:shop/es` },
});

/** As Argo CD publishes it. */
function application(
  name: string,
  syncPolicy: object | undefined,
  metadata: object = {},
  listed: object[] = [],
): KubeObject {
  return object(
    'argoproj.io/v1alpha1',
    'Application',
    name,
    { namespace: 'argocd', ...metadata },
    {
      spec: { project: 'default', destination: { namespace: 'shop' }, ...(syncPolicy && { syncPolicy }) },
      status: { sync: { status: 'Synced' }, resources: listed },
    },
  );
}

const automated = { automated: { prune: true, selfHeal: true } };
const listedSet = {
  group: 'apps',
  version: 'v1',
  kind: 'StatefulSet',
  namespace: 'shop',
  name: 'es',
  status: 'Synced',
};

function kustomization(name: string, labels: Record<string, string> = {}, spec: object = {}): KubeObject {
  const metadata = { namespace: 'flux-system', labels };
  return object('kustomize.toolkit.fluxcd.io/v1', 'Kustomization', name, metadata, { spec: { prune: true, ...spec } });
}

function helmRelease(name: string, labels: Record<string, string> = {}): KubeObject {
  return object('helm.toolkit.fluxcd.io/v2', 'HelmRelease', name, { labels }, { spec: { interval: '5m' } });
}

const kustomized = (name: string, namespace = 'flux-system'): Record<string, string> => ({
  'kustomize.toolkit.fluxcd.io/name': name,
  'kustomize.toolkit.fluxcd.io/namespace': namespace,
});

const released = (name: string): Record<string, string> => ({
  'helm.toolkit.fluxcd.io/name': name,
  'helm.toolkit.fluxcd.io/namespace': 'shop',
});

function clusterOf(kinds: string[], objects: KubeObject[], forbidden: string[] = []): FakeCluster {
  return servedCluster({ kinds, objects, forbidden });
}

const names = ({ owners }: Found): string[] => owners.map(({ resource, name }) => `${resource.kind} ${name}`);

async function argo(changed: KubeObject, objects: KubeObject[], forbidden: string[] = []): Promise<Found> {
  return findGitOps(clusterOf(argoKinds, objects, forbidden).cluster, [changed]);
}

async function flux(changed: KubeObject[], objects: KubeObject[], forbidden: string[] = []): Promise<Found> {
  return findGitOps(clusterOf(fluxKinds, objects, forbidden).cluster, changed);
}

describe("Argo CD's Application", () => {
  test('that syncs by itself is held by taking its automation away, all of it put on the record', async () => {
    const { owners, findings, notes } = await argo(statefulSet(trackedBy('shop')), [application('shop', automated)]);
    assert.deepEqual(owners, [
      {
        role: 'gitops',
        resource: {
          group: 'argoproj.io',
          version: 'v1alpha1',
          plural: 'applications',
          kind: 'Application',
          namespaced: true,
        },
        namespace: 'argocd',
        name: 'shop',
        uid: 'u-Application-shop',
        changes: [{ path: ['spec', 'syncPolicy', 'automated'], before: { prune: true, selfHeal: true }, during: null }],
        how: 'pause',
      },
    ]);
    assert.deepEqual(findings, []);
    assert.deepEqual(notes, [
      'application/shop in namespace argocd does not sync by itself meanwhile: ' +
        'selfHeal would put back what is changed, prune would delete what is not in git',
    ]);
  });

  test('without selfHeal is held too: the next change in git would start a sync', async () => {
    const found = await argo(statefulSet(trackedBy('shop')), [application('shop', { automated: {} })]);
    assert.deepEqual(names(found), ['Application shop']);
    assert.match(found.notes.join(), /at the next change in git$/);
  });

  test('that syncs only when a person says so does nothing', async () => {
    for (const policy of [undefined, { syncOptions: ['CreateNamespace=true'] }, { automated: { enabled: false } }]) {
      const found = await argo(statefulSet(trackedBy('shop')), [application('shop', policy)]);
      assert.deepEqual(found, { owners: [], findings: [], notes: [] });
    }
  });

  test("outside Argo CD's namespace is named with its own", async () => {
    const apps = [application('shop', automated), application('shop', automated, { namespace: 'team-a', uid: 'u-a' })];
    const { owners } = await argo(statefulSet(trackedBy('team-a_shop')), apps);
    assert.deepEqual(
      owners.map(({ namespace }) => namespace),
      ['team-a'],
    );
  });

  test('of the same name elsewhere is not meant, where one lists the object', async () => {
    const apps = [
      application('shop', automated, { namespace: 'argocd-b', uid: 'u-b' }),
      application('shop', automated, {}, [listedSet]),
    ];
    const { owners } = await argo(statefulSet(trackedBy('shop')), apps);
    assert.deepEqual(
      owners.map(({ namespace }) => namespace),
      ['argocd'],
    );
  });

  test('that does not list an object which names it is left alone: anybody may annotate that', async () => {
    const other = { ...listedSet, name: 'other' };
    const apps = [application('shop', automated, {}, [other])];
    for (const forbidden of [[], ['list applications']]) {
      const found = await argo(statefulSet(trackedBy('shop')), apps, forbidden);
      assert.deepEqual(names(found), []);
      assert.match(found.notes.join(), /says that Argo CD's application shop keeps it, which does not list it/);
    }
  });

  test('is believed by the label that Helm charts set too only when it lists the object', async () => {
    const labelled = statefulSet({ labels: { 'app.kubernetes.io/instance': 'shop' } });
    assert.deepEqual(names(await argo(labelled, [application('shop', automated)])), []);
    assert.deepEqual(names(await argo(labelled, [application('shop', automated, {}, [listedSet])])), [
      'Application shop',
    ]);
    const own = statefulSet({ labels: { 'argocd.argoproj.io/instance': 'shop' } });
    assert.deepEqual(names(await argo(own, [application('shop', automated)])), ['Application shop']);
  });

  test('is not meant by an annotation that was copied from another object', async () => {
    const copied = {
      annotations: { 'argocd.argoproj.io/tracking-id': 'shop:monitoring.coreos.com/Prometheus:shop/main' },
      labels: { 'app.kubernetes.io/instance': 'shop' },
    };
    const { cluster, calls } = clusterOf(argoKinds, [application('shop', automated)]);
    assert.deepEqual(await findGitOps(cluster, [statefulSet(copied)]), { owners: [], findings: [], notes: [] });
    assert.deepEqual(calls, []);
  });

  test('that another Application keeps is held after that one', async () => {
    const tracked = 'root:argoproj.io/Application:argocd/shop';
    const child = application('shop', automated, { annotations: { 'argocd.argoproj.io/tracking-id': tracked } });
    const itself = 'root:argoproj.io/Application:argocd/root';
    const root = application('root', automated, { annotations: { 'argocd.argoproj.io/tracking-id': itself } });
    assert.deepEqual(names(await argo(statefulSet(trackedBy('shop')), [child, root])), [
      'Application root',
      'Application shop',
    ]);
  });

  test('that an ApplicationSet writes is held after the ApplicationSet', async () => {
    const ownerReferences = [{ apiVersion: 'argoproj.io/v1alpha1', kind: 'ApplicationSet', name: 'shops', uid: 'u' }];
    const child = application('shop', automated, { ownerReferences });
    const set = (spec: object): KubeObject =>
      object('argoproj.io/v1alpha1', 'ApplicationSet', 'shops', { namespace: 'argocd' }, { spec });
    const { owners } = await argo(statefulSet(trackedBy('shop')), [child, set({ generators: [] })]);
    assert.deepEqual(owners[0]?.changes, [{ path: ['spec', 'syncPolicy', 'applicationsSync'], during: 'create-only' }]);
    assert.equal(owners.length, 2);
    for (const spec of [
      { syncPolicy: { applicationsSync: 'create-only' } },
      { ignoreApplicationDifferences: [{ jsonPointers: ['/spec/syncPolicy'] }] },
    ]) {
      assert.deepEqual(names(await argo(statefulSet(trackedBy('shop')), [child, set(spec)])), ['Application shop']);
    }
  });

  test('that may not be patched is a finding with the exact command', async () => {
    const apps = [application('shop', automated)];
    const found = await argo(statefulSet(trackedBy('shop')), apps, ['patch applications argocd']);
    assert.deepEqual(found, {
      owners: [],
      findings: [
        {
          about: 'application/shop in namespace argocd',
          problem: 'would put back what is changed, and you may not patch it',
          remedy:
            'have somebody run: kubectl patch applications.argoproj.io shop -n argocd --type merge ' +
            `-p '{"spec":{"syncPolicy":{"automated":null}}}'`,
        },
      ],
      notes: [],
    });
  });

  test('may be read by name where all may not be listed', async () => {
    const apps = [application('shop', automated, { namespace: 'openshift-gitops' })];
    const { cluster, calls } = clusterOf(argoKinds, apps, ['list applications']);
    assert.deepEqual(names(await findGitOps(cluster, [statefulSet(trackedBy('shop'))])), ['Application shop']);
    assert.deepEqual(calls, [
      'kinds argoproj.io/v1alpha1',
      'list applications *',
      'get applications argocd shop',
      'get applications openshift-gitops shop',
      'may patch applications openshift-gitops',
    ]);
  });

  test('that may not be read at all is a finding; where only the doubtful label hints at it, a note', async () => {
    const forbidden = ['list applications', 'get applications'];
    const sure = await argo(statefulSet(trackedBy('team-a_shop')), [], forbidden);
    assert.deepEqual(
      sure.findings.map(({ about, problem }) => `${about} ${problem}`),
      ['application/shop in namespace team-a may put back what is changed, and you may not read it'],
    );
    assert.match(sure.findings[0]?.remedy ?? '', /kubectl patch applications\.argoproj\.io shop -n team-a /);
    const doubtful = await argo(statefulSet({ labels: { 'app.kubernetes.io/instance': 'shop' } }), [], forbidden);
    assert.deepEqual(doubtful.findings, []);
    assert.match(doubtful.notes.join(), /^you may not list applications\.argoproj\.io/);
  });

  test('in another cluster is told of: it can be stopped only there', async () => {
    const found = await findGitOps(clusterOf([], []).cluster, [statefulSet(trackedBy('shop'))]);
    assert.deepEqual([found.owners, found.findings], [[], []]);
    assert.match(found.notes.join(), /argocd app set shop --sync-policy none$/);
  });
});

describe("Flux's Kustomization and HelmRelease", () => {
  test('are suspended, the outer one first, once each', async () => {
    const objects = [kustomization('apps'), helmRelease('es', kustomized('apps'))];
    const sets = [
      statefulSet({ labels: released('es') }),
      object('apps/v1', 'StatefulSet', 'b', { labels: released('es') }),
    ];
    const { cluster, calls } = clusterOf(fluxKinds, objects);
    const found = await findGitOps(cluster, sets);
    assert.deepEqual(names(found), ['Kustomization apps', 'HelmRelease es']);
    assert.deepEqual(
      found.owners.map(({ changes }) => changes),
      [[{ path: ['spec', 'suspend'], during: true }], [{ path: ['spec', 'suspend'], during: true }]],
    );
    assert.deepEqual(
      calls.filter((call) => call.startsWith('get')),
      ['get helmreleases shop es', 'get kustomizations flux-system apps'],
    );
  });

  test('in any order of the workloads that lead to them', async () => {
    const objects = [kustomization('apps', kustomized('flux-system')), helmRelease('es', kustomized('apps'))];
    const root = kustomization('flux-system', kustomized('flux-system'));
    const direct = object('apps/v1', 'Deployment', 'web', { labels: kustomized('apps') });
    const through = statefulSet({ labels: released('es') });
    const outermostFirst = ['Kustomization flux-system', 'Kustomization apps', 'HelmRelease es'];
    assert.deepEqual(names(await flux([direct, through], [...objects, root])), outermostFirst);
    assert.deepEqual(names(await flux([through, direct], [...objects, root])), outermostFirst);
  });

  test('that are suspended already stay so, and an object that Flux leaves alone needs none', async () => {
    const suspended = kustomization('apps', {}, { suspend: true });
    assert.deepEqual(names(await flux([statefulSet({ labels: kustomized('apps') })], [suspended])), []);
    const annotations = { 'kustomize.toolkit.fluxcd.io/reconcile': 'disabled' };
    const { cluster, calls } = clusterOf(fluxKinds, [kustomization('apps')]);
    await findGitOps(cluster, [statefulSet({ labels: kustomized('apps'), annotations })]);
    assert.deepEqual(calls, []);
  });

  test('that have applied other things than what names them are left alone: anybody may label that', async () => {
    const inventory = (id: string): object => ({ status: { inventory: { entries: [{ id, v: 'v1' }] } } });
    const labelled = statefulSet({ labels: kustomized('apps') });
    const listing = { ...kustomization('apps'), ...inventory('shop_es_apps_StatefulSet') };
    assert.deepEqual(names(await flux([labelled], [listing])), ['Kustomization apps']);
    const found = await flux([labelled], [{ ...listing, ...inventory('shop_other_apps_StatefulSet') }]);
    assert.deepEqual(names(found), []);
    assert.match(found.notes.join(), /says that kustomization\/apps in namespace flux-system keeps it/);
  });

  test('in another cluster are told of', async () => {
    const { notes } = await flux([statefulSet({ labels: released('es') })], []);
    assert.match(notes.join(), /run there first: flux suspend helmrelease es -n shop$/);
    const unserved = await findGitOps(clusterOf([], []).cluster, [statefulSet({ labels: kustomized('apps') })]);
    assert.match(unserved.notes.join(), /run there first: flux suspend kustomization apps -n flux-system$/);
  });

  test('are found in the version that is served', async () => {
    const older = ['helm.toolkit.fluxcd.io/v2beta2 HelmRelease helmreleases'];
    const objects = [{ ...helmRelease('es'), apiVersion: 'helm.toolkit.fluxcd.io/v2beta2' }];
    const { owners } = await findGitOps(clusterOf(older, objects).cluster, [statefulSet({ labels: released('es') })]);
    assert.deepEqual(
      owners.map(({ resource }) => resource.version),
      ['v2beta2'],
    );
  });

  test('that may not be read or patched are findings with the exact command', async () => {
    const objects = [kustomization('apps'), helmRelease('es', kustomized('apps'))];
    const changed = [statefulSet({ labels: released('es') })];
    const { owners, findings } = await flux(changed, objects, ['get kustomizations', 'patch helmreleases shop']);
    assert.deepEqual(owners, []);
    assert.deepEqual(
      findings.map(({ about, remedy }) => [about, remedy]),
      [
        [
          'kustomization/apps in namespace flux-system',
          'have somebody run: flux suspend kustomization apps -n flux-system',
        ],
        ['helmrelease/es in namespace shop', 'have somebody run: flux suspend helmrelease es -n shop'],
      ],
    );
  });
});

test('without a label or annotation that gives a reason nothing is asked, nor for what Helm alone has made', async () => {
  const { cluster, calls } = clusterOf([...argoKinds, ...fluxKinds], []);
  const helm = { labels: { 'app.kubernetes.io/managed-by': 'Helm', 'helm.sh/chart': 'es-1' } };
  assert.deepEqual(await findGitOps(cluster, [statefulSet({}), statefulSet(helm)]), {
    owners: [],
    findings: [],
    notes: [],
  });
  assert.deepEqual(calls, []);
});

test('two that keep each other are both held, and the search ends', async () => {
  const tracked = (by: string, name: string): object => ({
    annotations: { 'argocd.argoproj.io/tracking-id': `${by}:argoproj.io/Application:argocd/${name}` },
  });
  const apps = [application('a', automated, tracked('b', 'a')), application('b', automated, tracked('a', 'b'))];
  assert.deepEqual(names(await argo(statefulSet(trackedBy('a')), apps)).sort(), ['Application a', 'Application b']);
});

test('whatever stands in labels and annotations, no request goes to anything but a name, and no command holds it', async () => {
  const text = fc.oneof(fc.string(), fc.constantFrom('..', 'a/b', 'a;reboot', '$(id)', 'a b', "a'b", 'A', ''));
  await fc.assert(
    fc.asyncProperty(text, text, async (name, namespace) => {
      const labels = { ...kustomized(name, namespace), 'argocd.argoproj.io/instance': `${namespace}_${name}` };
      const { cluster, calls } = clusterOf(
        [...argoKinds, ...fluxKinds],
        [],
        ['list applications', 'get applications', 'get kustomizations'],
      );
      const { findings } = await findGitOps(cluster, [statefulSet({ labels })]);
      const isSafe = (word: string): boolean => /^[-.a-z0-9]+$/.test(word) && !/^\.+$/.test(word);
      const asked = calls.filter((call) => call.startsWith('get')).flatMap((call) => call.split(' ').slice(2));
      assert.ok(asked.every(isSafe));
      const commands = findings.map(({ remedy }) => remedy ?? '').filter((remedy) => remedy.includes('flux suspend'));
      assert.ok(
        commands.every((command) =>
          command
            .split(' ')
            .slice(3)
            .filter((word) => word !== '-n')
            .every(isSafe),
        ),
      );
    }),
  );
});
