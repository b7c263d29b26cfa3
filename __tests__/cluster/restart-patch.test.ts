import { describe, expect, test } from '@jest/globals';
import { parsePods } from '../../src/cluster/kubernetes-json.ts';
import { restartedDeployments, restartPatch, swappedNodes } from '../../src/cluster/sides/restart-patch.ts';
import { list, pod } from '../fakes/kubernetes.ts';

const missing = (): never => {
  throw new Error('there is none');
};
const NOW = '2026-11-30T10:00:00.000Z';
const deployment = (changes: { replicas?: number; preferences?: object[] } = {}): object => ({
  metadata: { name: 'shop', namespace: 'head-shop' },
  spec: {
    ...(changes.replicas === undefined ? {} : { replicas: changes.replicas }),
    template: {
      spec:
        changes.preferences === undefined
          ? {}
          : { affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: changes.preferences } } },
    },
  },
});
const preferencesIn = (patch: object): unknown =>
  (patch as { spec: { template: { spec?: { affinity: { nodeAffinity: Record<string, unknown> } } } } }).spec.template
    .spec?.affinity.nodeAffinity['preferredDuringSchedulingIgnoredDuringExecution'];

describe('a Deployment that is started again', () => {
  test('gets new pods, wherever they are put, when there is no other node', () => {
    const [restarted] = restartedDeployments(list(deployment()));
    expect(restarted?.reference).toEqual({ kind: 'Deployment', namespace: 'head-shop', name: 'shop' });
    expect(restarted && restartPatch(restarted, [], NOW)).toEqual({
      spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': NOW } } } },
    });
  });

  test('prefers the nodes of the other version beside what it prefers by its manifest, and none of the swap before', () => {
    const own = { weight: 5, preference: { matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] } };
    const [first] = restartedDeployments(list(deployment({ preferences: [own] })));
    const once = preferencesIn(restartPatch(first ?? missing(), ['worker-2'], NOW)) as object[];
    expect(once).toHaveLength(2);
    const [second] = restartedDeployments(list(deployment({ preferences: once })));
    const twice = preferencesIn(restartPatch(second ?? missing(), ['worker-1'], NOW));
    expect(twice).toEqual([own, expect.objectContaining({ preference: expect.anything() as unknown })]);
    expect(JSON.stringify(twice)).toContain('worker-1');
    expect(JSON.stringify(twice)).not.toContain('worker-2');
  });

  test('is none without pods', () => {
    expect(restartedDeployments(list(deployment({ replicas: 0 })))).toEqual([]);
  });
});

describe('the nodes after a swap', () => {
  const podsOn = (...nodes: string[]) =>
    parsePods(
      list(
        ...nodes.map((nodeName, index) =>
          pod({ name: `shop-${String(index)}`, nodeName, owner: { kind: 'StatefulSet', name: 'shop' } }),
        ),
      ),
    );
  test.each([
    { name: 'are those of the other version', own: ['w1'], other: ['w2'], expected: ['w2'] },
    { name: 'are none where both are on the same', own: ['w1', 'w2'], other: ['w2', 'w1'], expected: [] },
    { name: 'are none where the other has no such workload', own: ['w1'], other: [], expected: [] },
    { name: 'are each named once', own: ['w1'], other: ['w2', 'w3', 'w2'], expected: ['w2', 'w3'] },
  ])('$name', ({ own, other, expected }) => {
    expect(swappedNodes('shop', podsOn(...own), podsOn(...other))).toEqual(expected);
  });
});
