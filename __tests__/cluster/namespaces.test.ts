import { describe, expect, test } from '@jest/globals';
import type { KubernetesObject } from '../../src/cluster/manifests.ts';
import { inNamespace, namespacesOf, withNamespaces } from '../../src/cluster/namespaces.ts';

const object = (kind: string, namespace?: string, more: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'a', ...(namespace === undefined ? {} : { namespace }) },
  ...more,
});
const definition = (kind: string, scope: string): KubernetesObject =>
  object('CustomResourceDefinition', undefined, { spec: { group: 'example.com', scope, names: { kind } } });
const custom = (kind: string): KubernetesObject => ({ ...object(kind), apiVersion: 'example.com/v1' });
const namespaces = (objects: readonly KubernetesObject[]): (string | undefined)[] =>
  objects.map(({ metadata }) => metadata.namespace);

describe('objects without a namespace', () => {
  const table: { name: string; objects: KubernetesObject[]; expected: (string | undefined)[] }[] = [
    { name: 'get the given one', objects: [object('Deployment'), object('Role')], expected: ['shop', 'shop'] },
    { name: 'keep one that they name', objects: [object('Deployment', 'other')], expected: ['other'] },
    {
      name: 'stay without when they belong to none',
      objects: [object('ClusterRole'), object('Namespace'), object('PersistentVolume'), object('StorageClass')],
      expected: [undefined, undefined, undefined, undefined],
    },
    {
      name: 'of a custom kind of the cluster stay without',
      objects: [definition('Fleet', 'Cluster'), custom('Fleet')],
      expected: [undefined, undefined],
    },
    {
      name: 'of a custom kind of namespaces get it',
      objects: [definition('Boat', 'Namespaced'), custom('Boat')],
      expected: [undefined, 'shop'],
    },
    {
      name: 'of a definition that says nothing',
      objects: [object('CustomResourceDefinition'), custom('Boat')],
      expected: [undefined, 'shop'],
    },
  ];
  test.each(table)('$name', ({ objects, expected }) => {
    expect(namespaces(inNamespace(objects, 'shop'))).toEqual(expected);
  });
});

test('namespaces that are used and not given are added in front', () => {
  const given: KubernetesObject = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'given', labels: { a: 'b' } },
  };
  const objects = [
    object('Deployment', 'shop'),
    object('Service', 'shop'),
    given,
    object('Service', 'given'),
    object('Service', 'default'),
    object('Role', 'kube-system'),
    object('Service', 'cart'),
  ];
  const all = withNamespaces(objects);
  expect(all.slice(0, 2)).toEqual(
    ['cart', 'shop'].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
  );
  expect(all.slice(2)).toEqual(objects);
  expect(namespacesOf(objects)).toEqual(['cart', 'default', 'given', 'kube-system', 'shop']);
});
