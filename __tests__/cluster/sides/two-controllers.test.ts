import { describe, expect, test } from '@jest/globals';
import { type KubernetesObject, parseManifests } from '../../../src/cluster/manifests.ts';
import { alsoInClass, besideEachOther, onNodeOf, unusedClasses } from '../../../src/cluster/sides/two-controllers.ts';

const workload = (kind: string, pod: string): KubernetesObject => {
  const [object] = parseManifests(
    `apiVersion: apps/v1\nkind: ${kind}\nmetadata: {name: c, namespace: ingress}\nspec: {replicas: 1, template: {spec: ${pod}}}\n`,
  );
  if (object === undefined) throw new Error('no object');
  return object;
};
const selectorOf = ({ spec }: KubernetesObject): unknown =>
  (spec as { template: { spec: { nodeSelector?: unknown } } }).template.spec.nodeSelector;

describe('the pods of a controller', () => {
  test.each([
    {
      name: 'that ask for the node with the port',
      pod: '{nodeSelector: {ingress-ready: "true"}, containers: [{name: c}]}',
      expected: { 'ingress-ready': 'true', 'k8s-loadtest-ci/ingress-of': 'base' },
    },
    {
      name: 'that take the port of their node',
      pod: '{containers: [{name: c, ports: [{containerPort: 8080, hostPort: 80}]}]}',
      expected: { 'k8s-loadtest-ci/ingress-of': 'base' },
    },
    {
      name: 'that do neither',
      pod: '{nodeSelector: {disk: ssd}, containers: [{name: c, ports: [{containerPort: 80}]}]}',
      expected: { disk: 'ssd' },
    },
  ])('$name are on the node of their side alone', ({ pod, expected }) => {
    for (const kind of ['Deployment', 'DaemonSet']) {
      const before = workload(kind, pod);
      const [after] = onNodeOf('base', [before]);
      if (after === undefined) throw new Error('no object');
      expect(selectorOf(after)).toEqual(expected);
      expect(after).toMatchObject({ kind, spec: { replicas: 1 } });
    }
  });
});

const object = (kind: string, name: string, more: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name },
  ...more,
});

describe('what two controllers bring', () => {
  test('is applied once where it is the same, and is refused by name where it is not', () => {
    const crd = (): KubernetesObject => object('CustomResourceDefinition', 'gateways', { spec: { a: 1 } });
    const head = [crd(), object('ClusterRole', 'proxy', { rules: [1] }), object('Namespace', 'a')];
    const base = [crd(), object('ClusterRole', 'proxy', { rules: [2] }), object('Namespace', 'b')];
    expect(besideEachOther(head, base)).toEqual({
      baseOnly: [object('Namespace', 'b')],
      conflicts: ['ClusterRole proxy'],
    });
  });
});

const ingress = (name: string, ingressClassName?: string): KubernetesObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name, namespace: 'shop' },
  spec: { ...(ingressClassName === undefined ? {} : { ingressClassName }), rules: [{ host: 'shop.localhost' }] },
});

describe('the application in front of which both are', () => {
  test('has each Ingress once more in the class of base, with the same rules, and all else once', () => {
    const [service, own, copy, ...more] = alsoInClass([object('Service', 'shop'), ingress('shop', 'nginx')], 'haproxy');
    expect(more).toEqual([]);
    expect(service).toEqual(object('Service', 'shop'));
    expect(own).toEqual(ingress('shop', 'nginx'));
    expect(copy).toMatchObject({
      ...ingress('shop-base', 'haproxy'),
      metadata: { name: 'shop-base', namespace: 'shop' },
    });
  });

  test('asks cert-manager once for each Secret', () => {
    const annotations = { 'cert-manager.io/issuer': 'house', other: 'kept' };
    const asked = { ...ingress('shop', 'nginx'), metadata: { name: 'shop', annotations } };
    expect(alsoInClass([asked], 'haproxy').map(({ metadata }) => metadata.annotations)).toEqual([
      annotations,
      { other: 'kept' },
    ]);
  });

  const CLASS: KubernetesObject = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'haproxy' },
  };
  test.each([
    {
      name: 'no Ingress of its class',
      controller: [CLASS],
      application: [ingress('a', 'nginx')],
      expected: ['haproxy'],
    },
    {
      name: 'one of its class',
      controller: [CLASS],
      application: [ingress('a', 'nginx'), ingress('b', 'haproxy')],
      expected: null,
    },
    {
      name: 'one without a class, which a default may be for',
      controller: [CLASS],
      application: [ingress('a')],
      expected: null,
    },
    { name: 'routes of another kind', controller: [CLASS], application: [object('HTTPRoute', 'a')], expected: null },
    { name: 'no class at all', controller: [], application: [ingress('a', 'nginx')], expected: null },
  ])('leaves a controller unused with $name: $expected', ({ controller, application, expected }) => {
    expect(unusedClasses(controller, application)).toEqual(expected);
  });
});
