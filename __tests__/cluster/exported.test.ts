import { describe, expect, test } from '@jest/globals';
import { withoutOrigin } from '../../src/cluster/exported.ts';
import { describeObject } from '../../src/cluster/manifest-entries.ts';
import { type KubernetesObject, parseManifests } from '../../src/cluster/manifests.ts';

const ORIGIN =
  'uid: 4d5, resourceVersion: "71", generation: 3, creationTimestamp: "2026-01-01T00:00:00Z", managedFields: []';
const owned = (kind: string, name: string): string =>
  `ownerReferences: [{apiVersion: apps/v1, kind: ${kind}, name: ${name}, uid: 1-2, controller: true}]`;

describe('what `kubectl get --output=yaml` prints', () => {
  const table: { name: string; yaml: string; expected: object }[] = [
    {
      name: 'is applied without what the cluster had written into it',
      yaml: `apiVersion: v1
kind: ConfigMap
metadata: {name: a, namespace: shop, labels: {app: a}, annotations: {x: z, kubectl.kubernetes.io/last-applied-configuration: "{}"}, ${ORIGIN}}
data: {status: kept}
status: {phase: x}
`,
      expected: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'a', namespace: 'shop', labels: { app: 'a' }, annotations: { x: 'z' } },
        data: { status: 'kept' },
      },
    },
    {
      name: 'loses the addresses of a Service, but keeps that it is headless',
      yaml: `apiVersion: v1\nkind: Service\nmetadata: {name: a, ${ORIGIN}}\nspec: {clusterIP: 172.20.3.4, clusterIPs: [172.20.3.4], ports: [{port: 80}]}\n`,
      expected: { apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' }, spec: { ports: [{ port: 80 }] } },
    },
    {
      name: 'keeps that a Service is headless',
      yaml: `apiVersion: v1\nkind: Service\nmetadata: {name: a, ${ORIGIN}}\nspec: {clusterIP: None, clusterIPs: [None]}\n`,
      expected: {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'a' },
        spec: { clusterIP: 'None', clusterIPs: ['None'] },
      },
    },
    {
      name: 'lets a pod go to another node',
      yaml: `apiVersion: v1\nkind: Pod\nmetadata: {name: a, ${ORIGIN}}\nspec: {nodeName: node-1, containers: []}\n`,
      expected: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: { containers: [] } },
    },
  ];
  test.each(table)('$name', ({ yaml, expected }) => {
    const { objects, changes } = withoutOrigin(parseManifests(yaml));
    expect(objects).toEqual([expected]);
    expect(changes).toEqual([expect.stringMatching(/^Copied from a cluster: \w+ (shop\/)?a\. /)]);
  });

  test('is left out where its owner makes it anew', () => {
    const given = parseManifests(`
{apiVersion: v1, kind: List, items: [
  {apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop, ${ORIGIN}}},
  {apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: web-1, namespace: shop, ${ORIGIN}, ${owned('Deployment', 'web')}}},
  {apiVersion: v1, kind: Pod, metadata: {name: web-1-a, namespace: shop, ${ORIGIN}, ${owned('ReplicaSet', 'web-1')}}},
  {apiVersion: v1, kind: Pod, metadata: {name: other, namespace: other, ${ORIGIN}, ${owned('ReplicaSet', 'web-1')}}}
]}`);
    const { objects, changes } = withoutOrigin(given);
    expect(objects.map(describeObject)).toEqual(['Deployment shop/web', 'Pod other/other']);
    expect(changes).toEqual([
      expect.stringMatching(/^Copied from a cluster: Deployment shop\/web, Pod other\/other\./),
      'Not applied, since their owners, which are in the manifests, make them: ReplicaSet shop/web-1, Pod shop/web-1-a.',
      expect.stringMatching(/^Pod other\/other has an owner that is not in the manifests \(ReplicaSet web-1\)/),
    ]);
  });
});

test('what was written by hand stays as it is', () => {
  const written: KubernetesObject[] = parseManifests(
    'apiVersion: v1\nkind: Service\nmetadata: {name: a, creationTimestamp: null}\nspec: {clusterIP: 10.96.0.7}\nstatus: {loadBalancer: {}}\n',
  );
  expect(withoutOrigin(written)).toEqual({ objects: written, changes: [] });
});
