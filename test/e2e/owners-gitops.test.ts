/** `restore` of what GitOps and autoscalers put back: they are held meanwhile, and released as they were. */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import type { V1StatefulSet } from '@kubernetes/client-node';
import type { KubeObject } from '../cluster/api.ts';
import { openNamespace, type TestNamespace } from '../cluster/namespace.ts';
import { apiKind, kinds, type ResourceKind } from '../cluster/operators/definitions.ts';
import { openArgoCd, openFlux, openKeda, type Healer } from '../cluster/operators/healers.ts';
import { isGone } from '../cluster/states.ts';
import { giveDocumentedRoles } from './documented-roles.ts';
import { entering, interruptedAt } from './interrupted.ts';
import { assertAllRestored, assertInOrder, moment, succeeds } from './owners-app.ts';
import { pvsnap } from './program.ts';
import { runStatefulSet, takeSet } from './restore-app.ts';
import { assertFailed, assertRestored, everythingIn } from './restore-checks.ts';

type Held = KubeObject & { spec: { suspend?: boolean; syncPolicy?: { automated?: object } } };

const automated = { prune: true, selfHeal: true };
const written = { kind: 'StatefulSet', name: 'db', replicas: 1 } as const;

describe('what is kept as it is in git', { concurrency: 3 }, () => {
  for (const { name, open, kind, spec, mark, isHeld } of [
    {
      name: 'an Application of Argo CD that heals itself',
      open: openArgoCd,
      kind: kinds.application,
      spec: () => ({ syncPolicy: { automated, syncOptions: ['CreateNamespace=true'] } }),
      mark: tracked,
      isHeld: (object: Held) => object.spec.syncPolicy?.automated === undefined,
    },
    {
      name: 'a Kustomization of Flux',
      open: openFlux,
      kind: kinds.kustomization,
      spec: () => ({ interval: '10m' }),
      mark: (_: string, home: string) => [
        'label',
        ...['name=shop', `namespace=${home}`].map((label) => `kustomize.toolkit.fluxcd.io/${label}`),
      ],
      isHeld: (object: Held) => object.spec.suspend === true,
    },
  ]) {
    test(`${name} is held meanwhile, and as before afterwards`, async (t) => {
      const { home, app, healer } = await openKept(t, { open, kind, spec: spec(), mark });
      const before = await home.api.get<Held>(apiKind(kind), 'shop', home.name);
      const moments = {
        held: moment<Held>(home, apiKind(kind), 'shop', isHeld),
        claim: moment(app, 'PersistentVolumeClaim', 'data-db-0', isGone),
      };

      const { stderr } = await succeeds(app, 'restore', 'one');

      assert.match(stderr, new RegExp(`${kind.kind.toLowerCase()}/shop`));
      await assertInOrder(moments);
      await assertAllRestored(app, ['data-db-0']);
      assert.deepEqual(healer.acts, []);
      const after = await home.api.get<Held>(apiKind(kind), 'shop', home.name);
      assert.deepEqual([after.spec, after.metadata.annotations], [before.spec, before.metadata.annotations]);
    });
  }

  test('an Application that one may not patch: refused with the command to run', async (t) => {
    const { home, app, healer } = await openApplication(t);
    await giveDocumentedRoles(t, app, ['restore', 'restore-cluster']);
    await app.kubectl(
      'create',
      'clusterrolebinding',
      `${app.name}-view`,
      `--user=${app.name}`,
      `--clusterrole=${app.name}-sees`,
    );
    t.after(() => app.kubectl('delete', `clusterrolebinding/${app.name}-view`, `clusterrole/${app.name}-sees`));
    await app.kubectl(...seeing(app.name));
    const before = await everythingIn(app);
    const refused = await pvsnap(app, 'restore', 'one', '--yes', '--as', app.name);
    assertFailed(
      refused,
      'nothing was changed',
      `application/shop in namespace ${home.name}`,
      'you may not patch it',
      `kubectl patch applications.argoproj.io shop -n ${home.name} --type merge -p '{"spec":{"syncPolicy":{"automated":null}}}'`,
    );
    assert.deepEqual(await everythingIn(app), before);
    assert.deepEqual(healer.acts, []);
  });

  test('killed before the swap: undo puts the Application back, but not what somebody has changed meanwhile', async (t) => {
    const { home, app, healer } = await openApplication(t);
    const operation = await interruptedAt(app, entering('restore', 'swap'), 'restore', 'one');
    const synced = { prune: false };
    const patch = JSON.stringify({ spec: { syncPolicy: { automated: synced } } });
    await home.kubectl('patch', 'application/shop', '--type=merge', '-p', patch);
    await succeeds(app, 'undo', operation);
    await assertRestored(app, { claims: { 'data-db-0': 'after' }, parked: [['data-db-0', 'before']] });
    const { spec, metadata } = await home.api.get<Held>(apiKind(kinds.application), 'shop', home.name);
    assert.deepEqual(spec.syncPolicy?.automated, synced);
    assert.equal(metadata.annotations?.['pvsnap.io/held'], undefined);
    assert.deepEqual(healer.acts, []);
    await app.waitFor<V1StatefulSet>('StatefulSet', 'db', ({ spec: set }) => set?.replicas === 1);
  });
});

test('an Application of two namespaces stays held until the operations of both have let go of it', async (t) => {
  const { home, app, healer } = await openApplication(t);
  const other = await openNamespace(t);
  await runStatefulSet(other, 'db', { replicas: 1 });
  await other.kubectl(...['annotate', 'sts/db', ...tracked(other.name).slice(1)]);
  const otherHealer = await openArgoCd(t, home, other.name, written);
  const resources = [app, other].map(({ name }) => ({ ...applied(name).resources[0] }));
  const status = {
    kind: apiKind(kinds.application),
    name: 'shop',
    namespace: home.name,
    subresource: 'status',
  } as const;
  await home.api.patch(status, { status: { resources } });
  await takeSet(other, 'one', ['sts/db'], ['data-db-0']);
  const first = await interruptedAt(app, entering('restore', 'swap'), 'restore', 'one');
  const second = await interruptedAt(other, entering('restore', 'swap'), 'restore', 'one');
  const automation = async (): Promise<object | undefined> =>
    (await home.api.get<Held>(apiKind(kinds.application), 'shop', home.name)).spec.syncPolicy?.automated;

  await succeeds(app, 'undo', first);

  assert.equal(await automation(), undefined);
  await succeeds(other, 'resume', second);
  await assertAllRestored(other, ['data-db-0']);
  assert.deepEqual(await automation(), automated);
  assert.deepEqual([healer.acts, otherHealer.acts], [[], []]);
});

test('a ScaledObject of KEDA is paused meanwhile', async (t) => {
  const app = await openNamespace(t);
  await runStatefulSet(app, 'db', { replicas: 1 });
  const healer = await openKeda(t, app, app.name, written);
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db' };
  await app.apply([{ ...kinds.scaledObject, metadata: { name: 'db' }, spec: { scaleTargetRef } }]);
  await takeSet(app, 'one', ['sts/db'], ['data-db-0']);
  const { stderr } = await succeeds(app, 'restore', 'one');
  assert.match(stderr, /scaledobject\/db/);
  await assertAllRestored(app, ['data-db-0']);
  assert.deepEqual(healer.acts, []);
  const { metadata } = await app.api.get(apiKind(kinds.scaledObject), 'db', app.name);
  assert.deepEqual(Object.keys(metadata.annotations ?? {}), []);
});

interface KeptApp {
  /** Where the Application or Kustomization `shop` is. */
  home: TestNamespace;
  /** Where its StatefulSet `db` is, with the set `one`. */
  app: TestNamespace;
  healer: Healer;
}

interface Keeper {
  open: typeof openArgoCd;
  kind: ResourceKind;
  spec: object;
  /** What kubectl does to mark the StatefulSet as kept. */
  mark: (app: string, home: string) => string[];
}

async function openKept(t: TestContext, { open, kind, spec, mark }: Keeper): Promise<KeptApp> {
  const [home, app] = await Promise.all([openNamespace(t), openNamespace(t)]);
  await runStatefulSet(app, 'db', { replicas: 1 });
  const [verb = '', ...marks] = mark(app.name, home.name);
  await app.kubectl(verb, 'sts/db', ...marks);
  const healer = await open(t, home, app.name, written);
  await home.apply([{ ...kind, metadata: { name: 'shop' }, spec }]);
  const status = { kind: apiKind(kind), name: 'shop', namespace: home.name, subresource: 'status' } as const;
  await home.api.patch(status, { status: applied(app.name) });
  await takeSet(app, 'one', ['sts/db'], ['data-db-0']);
  return { home, app, healer };
}

function openApplication(t: TestContext): Promise<KeptApp> {
  return openKept(t, { open: openArgoCd, kind: kinds.application, spec: { syncPolicy: { automated } }, mark: tracked });
}

function tracked(app: string): string[] {
  return ['annotate', `argocd.argoproj.io/tracking-id=shop:apps/StatefulSet:${app}/db`];
}

/** What Argo CD says that it has applied. */
function applied(namespace: string): { resources: object[] } {
  return { resources: [{ group: 'apps', version: 'v1', kind: 'StatefulSet', namespace, name: 'db' }] };
}

/** A role to read Applications wherever they are. */
function seeing(name: string): string[] {
  const verbs = ['get', 'list', 'watch'].map((verb) => `--verb=${verb}`);
  return ['create', 'clusterrole', `${name}-sees`, ...verbs, '--resource=applications.argoproj.io'];
}
