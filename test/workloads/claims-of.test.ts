import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Claim, Pod, StatefulSet } from '../../src/cluster/objects.ts';
import { claimNamesOf } from '../../src/workloads/claims-of.ts';
import { workloadOf } from '../../src/workloads/kinds.ts';
import { claim, deployment, owner, pod, replicaSet, statefulSet } from './objects.ts';

describe('claims of a StatefulSet', () => {
  const names = (object: StatefulSet, claims: Claim[] = [], pods: Pod[] = []): string[] =>
    claimNamesOf(workloadOf('statefulset', object), claims, pods).sort();

  test('follow ordinals.start, and need not exist', () => {
    assert.deepEqual(names(statefulSet('web', 2, { ordinals: { start: 3 } })), ['data-web-3', 'data-web-4']);
  });

  test('include what the pod template names, unless a claim template takes that volume’s place', () => {
    const volumes = ['data', 'shared'].map((name) => ({ name, persistentVolumeClaim: { claimName: `by-${name}` } }));
    const template = { spec: { containers: [], volumes } };
    assert.deepEqual(names(statefulSet('web', 1, { template })), ['by-shared', 'data-web-0']);
  });

  test('include those of pods beyond the replicas, and of ephemeral volumes, but not of strangers', () => {
    const web = statefulSet('web', 1);
    const own = pod('web-7', { owner: web, claims: ['data-web-7'], ephemeral: ['scratch'] });
    const stranger = pod('web-8', { owner: statefulSet('other', 1), claims: ['theirs'] });
    assert.deepEqual(names(web, [], [own, stranger]), ['data-web-0', 'data-web-7', 'web-7-scratch']);
  });

  test('at 0 replicas are all that fit by name and start, and nothing that only looks alike', () => {
    const fitting = ['data-web-2', 'data-web-10'];
    const others = ['data-web-1', 'data-web-02', 'data-web-', 'data-web-x', 'data-web-2-3', 'xdata-web-2', 'data-web'];
    const claims = [...fitting, ...others].map((name) => claim(name));
    assert.deepEqual(names(statefulSet('web', 0, { ordinals: { start: 2 } }), claims), [...fitting].sort());
  });

  test('of the same name as another StatefulSet’s are told apart by the labels of the selector', () => {
    const volumeClaimTemplates = [{ metadata: { name: 'data-b' } }];
    const mine = statefulSet('a', 0, { volumeClaimTemplates });
    const twin = statefulSet('b-a', 0);
    const [theirs, ours, unlabelled] = [
      claim('data-b-a-0', { app: 'b-a' }),
      claim('data-b-a-1', { app: 'a' }),
      claim('data-b-a-2'),
    ];
    const claims = [theirs, ours, unlabelled];
    assert.deepEqual(names(mine, claims), ['data-b-a-1', 'data-b-a-2']);
    assert.deepEqual(names(twin, claims), ['data-b-a-0', 'data-b-a-2']);
  });

  const dnsLabel = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/);
  const templates = fc.uniqueArray(dnsLabel, { minLength: 1, maxLength: 3 });

  test('are found again at 0 replicas, whatever the names, and no twin’s with them', () => {
    fc.assert(
      fc.property(dnsLabel, templates, fc.nat(30), fc.nat(12), dnsLabel, (name, parts, start, replicas, left) => {
        const templatesOf = (names: string[]) => names.map((part) => ({ metadata: { name: part } }));
        const mine = { volumeClaimTemplates: templatesOf(parts.map((part) => `${part}-${left}`)), ordinals: { start } };
        const running = names(statefulSet(name, replicas, mine));
        assert.equal(running.length, parts.length * replicas);
        // The twin's templates and name join to the same text, cut in another place; its claims come after mine.
        const theirs = { volumeClaimTemplates: templatesOf(parts), ordinals: { start: start + replicas } };
        const twins = names(statefulSet(`${left}-${name}`, 3, theirs)).map((one) => claim(one, { app: 'twin' }));
        const claims = running.map((one) => claim(one, { app: name }));
        fc.pre(name !== 'twin');
        assert.deepEqual(names(statefulSet(name, 0, mine), [...twins, ...claims]), running);
      }),
    );
  });
});

describe('claims of a Deployment', () => {
  const web = deployment('web', 2, 'shared');
  const ofHash = (deploymentName: string, hash: string, claims: string[], labels = { app: 'web' }): Pod =>
    pod(`${deploymentName}-${hash}-x`, {
      owner: replicaSet(`${deploymentName}-${hash}`, 1, ''),
      claims,
      metadata: { labels: { ...labels, 'pod-template-hash': hash } },
    });
  const names = (pods: Pod[]): string[] => claimNamesOf(workloadOf('deployment', web), [], pods);

  test('include those of older revisions, known by the name of their ReplicaSet', () => {
    assert.deepEqual(names([ofHash('web', '5d9c', ['former'])]), ['shared', 'former']);
  });

  test('leave out a Deployment with the same labels, and pods that only carry the labels', () => {
    const bare = pod('bare', { claims: ['bare'], metadata: { labels: { app: 'web' } } });
    const pods = [ofHash('web', '5d9c', ['shared']), ofHash('twin', '77f8', ['theirs']), bare];
    assert.deepEqual(names(pods), ['shared']);
  });

  test('include those of an adopted ReplicaSet, whose name tells nothing', () => {
    assert.deepEqual(names([ofHash('old', '5d9c', ['former'])]), ['shared', 'former']);
  });
});

test('a pod uses what its volumes name, and its ephemeral volumes', () => {
  const one = pod('one', { claims: ['a'], ephemeral: ['scratch'], owner: owner('batch/v1', 'Job', 'x') });
  assert.deepEqual(claimNamesOf(workloadOf('pod', one), [], []), ['a', 'one-scratch']);
});
