import { describe, expect, test } from '@jest/globals';
import { labelled, namespaceObject, parseScopes, placed, referenceOf } from '../../src/cluster/existing-cluster.ts';
import type { KubernetesObject } from '../../src/cluster/manifests.ts';

/** As `kubectl api-resources --no-headers` prints it, with and without short names. */
const RESOURCES = `bindings                                         v1                                true         Binding
configmaps                          cm           v1                                true         ConfigMap
namespaces                          ns           v1                                false        Namespace
services                            svc          v1                                true         Service
customresourcedefinitions           crd,crds     apiextensions.k8s.io/v1           false        CustomResourceDefinition
deployments                         deploy       apps/v1                           true         Deployment
clusterroles                                     rbac.authorization.k8s.io/v1      false        ClusterRole
roles                                            rbac.authorization.k8s.io/v1      true         Role
`;
const SCOPES = parseScopes(RESOURCES);

const object = (
  apiVersion: string,
  kind: string,
  name: string,
  namespace?: string,
  more: object = {},
): KubernetesObject => ({
  apiVersion,
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...more },
});
const deployment = (namespace?: string): KubernetesObject => object('apps/v1', 'Deployment', 'shop', namespace);
const service = (namespace?: string): KubernetesObject => object('v1', 'Service', 'shop', namespace);
const NAMESPACE = object('v1', 'Namespace', 'shop', undefined, {
  labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
});
const CLUSTER_ROLE = object('rbac.authorization.k8s.io/v1', 'ClusterRole', 'shop');

test('the scopes of kinds are read by group, whatever their version and short names', () => {
  expect(SCOPES.get('/ConfigMap')).toBe(true);
  expect(SCOPES.get('/Namespace')).toBe(false);
  expect(SCOPES.get('apps/Deployment')).toBe(true);
  expect(SCOPES.get('rbac.authorization.k8s.io/ClusterRole')).toBe(false);
  expect(SCOPES.size).toBe(8);
  expect(parseScopes('').size).toBe(0);
});

describe('of an application', () => {
  test('what is in its namespace goes into that of the run, which takes the place of it', () => {
    const { inside, outside, namespaceLabels } = placed([NAMESPACE, service('shop'), deployment('shop')], SCOPES);
    expect(inside).toEqual([service('shop'), deployment('shop')]);
    expect(outside).toEqual([]);
    expect(namespaceLabels).toEqual({ 'pod-security.kubernetes.io/enforce': 'restricted' });
  });

  test('what names no namespace is inside', () => {
    expect(placed([service(), deployment()], SCOPES)).toMatchObject({ inside: [{}, {}], outside: [] });
    expect(placed([service(), deployment('shop')], SCOPES)).toMatchObject({ inside: [{}, {}], outside: [] });
  });

  test('the first workload says which namespace it is, not what stands before it', () => {
    const other = object('v1', 'ConfigMap', 'settings', 'monitoring');
    expect(placed([other, deployment('shop')], SCOPES)).toEqual({
      inside: [deployment('shop')],
      outside: [other],
      namespaceLabels: {},
    });
  });

  const outsiders = [
    { name: 'of the whole cluster', outsider: CLUSTER_ROLE },
    { name: 'of another namespace', outsider: service('kube-system') },
    { name: 'another namespace itself', outsider: object('v1', 'Namespace', 'other') },
    { name: 'of a kind that the cluster does not know', outsider: object('example.com/v1', 'Widget', 'shop', 'shop') },
    {
      name: 'of a kind of the same name in another group',
      outsider: object('serving.knative.dev/v1', 'Service', 'shop', 'shop'),
    },
  ];
  test.each(outsiders)('what is $name is outside', ({ outsider }) => {
    expect(placed([NAMESPACE, deployment('shop'), outsider], SCOPES).outside).toEqual([outsider]);
  });
});

test('what the run makes bears its label, and keeps its own', () => {
  expect(namespaceObject('lt-1', { team: 'a' })).toMatchObject({
    kind: 'Namespace',
    metadata: { name: 'lt-1', labels: { team: 'a', 'k8s-loadtest-ci/run': 'lt-1' } },
  });
  // Labels of the manifests can't claim that something is of another run.
  expect(namespaceObject('lt-1', { 'k8s-loadtest-ci/run': 'lt-2' }).metadata.labels).toMatchObject({
    'k8s-loadtest-ci/run': 'lt-1',
  });
  expect(labelled(NAMESPACE, 'lt-1').metadata.labels).toMatchObject({
    'pod-security.kubernetes.io/enforce': 'restricted',
    'k8s-loadtest-ci/run': 'lt-1',
  });
});

test('kubectl finds an object again by group, version, namespace and name', () => {
  expect(referenceOf(CLUSTER_ROLE, SCOPES)).toEqual({
    resource: 'ClusterRole.v1.rbac.authorization.k8s.io',
    namespace: null,
    name: 'shop',
  });
  expect(referenceOf(service('other'), SCOPES)).toEqual({ resource: 'Service', namespace: 'other', name: 'shop' });
  expect(referenceOf(object('v1', 'ConfigMap', 'a'), SCOPES)).toEqual({
    resource: 'ConfigMap',
    namespace: 'default',
    name: 'a',
  });
});
