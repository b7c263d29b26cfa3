import { expect, test } from '@jest/globals';
import { clusterScopeOf } from '../../src/cluster/cluster-scope.ts';
import type { KubernetesObject } from '../../src/cluster/manifests.ts';

const object = (apiVersion: string, kind: string): KubernetesObject => ({ apiVersion, kind, metadata: { name: 'n' } });
const definition = (group: string, kind: string, scope: string): KubernetesObject => ({
  ...object('apiextensions.k8s.io/v1', 'CustomResourceDefinition'),
  spec: { group, scope, names: { kind } },
});

test.each([
  { given: object('v1', 'Namespace'), expected: true },
  { given: object('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding'), expected: true },
  { given: object('v1', 'Service'), expected: false },
  { given: object('example.com/v1', 'Fleet'), expected: true },
  { given: object('example.com/v1beta2', 'Fleet'), expected: true },
  { given: object('example.com/v1', 'Ship'), expected: false },
  { given: object('other.com/v1', 'Fleet'), expected: false },
])('$given.kind of $given.apiVersion belongs to the whole cluster: $expected', ({ given, expected }) => {
  const isClusterWide = clusterScopeOf([
    definition('example.com', 'Fleet', 'Cluster'),
    definition('example.com', 'Ship', 'Namespaced'),
  ]);
  expect(isClusterWide(given)).toBe(expected);
});
