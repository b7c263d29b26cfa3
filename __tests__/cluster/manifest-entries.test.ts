import { describe, expect, test } from '@jest/globals';
import { describeObject, duplicatesIn, installHooks, withoutHooks } from '../../src/cluster/manifest-entries.ts';
import type { KubernetesObject } from '../../src/cluster/manifests.ts';

const object = (kind: string, name: string, metadata: object = {}, apiVersion = 'v1'): KubernetesObject => ({
  apiVersion,
  kind,
  metadata: { name, ...metadata },
});
const hook = (kind: string, name: string, when: string): KubernetesObject =>
  object(kind, name, { annotations: { 'helm.sh/hook': when } });

describe('the hooks of a rendered chart', () => {
  const objects = [
    object('Deployment', 'shop', { annotations: { 'helm.sh/resource-policy': 'keep' } }),
    hook('Pod', 'shop-test-connection', 'test'),
    hook('Pod', 'shop-old-test', 'test-success'),
    hook('Job', 'migrate', 'pre-upgrade, pre-install'),
    hook('Job', 'seed', 'post-install'),
    hook('Job', 'drain', 'pre-delete'),
    object('Service', 'shop'),
  ];

  test('are taken out', () => {
    const { kept, hooks } = withoutHooks(objects);
    expect(kept.map(describeObject)).toEqual(['Deployment shop', 'Service shop']);
    expect(hooks).toHaveLength(5);
  });

  test('that an install would have run are known', () => {
    expect(installHooks(objects).map(describeObject)).toEqual(['Job migrate', 'Job seed']);
  });
});

describe('an object that is there twice', () => {
  const [a, b] = [object('Deployment', 'a', { namespace: 'n' }, 'apps/v1'), object('Deployment', 'b', {}, 'apps/v1')];
  const table = [
    {
      name: 'in two entries',
      entries: [
        { entry: 'x', objects: [a, b] },
        { entry: 'y', objects: [a] },
      ],
      expected: ['Deployment n/a is there twice: in x and in y.'],
    },
    {
      name: 'in one entry',
      entries: [{ entry: 'x', objects: [b, b] }],
      expected: ['Deployment b is there twice: in x itself.'],
    },
    {
      name: 'in another version of its group',
      entries: [
        { entry: 'x', objects: [a] },
        { entry: 'y', objects: [{ ...a, apiVersion: 'apps/v2' }] },
      ],
      expected: ['Deployment n/a is there twice: in x and in y.'],
    },
    {
      name: 'not: another group',
      entries: [{ entry: 'x', objects: [a, { ...a, apiVersion: 'example.org/v1' }] }],
      expected: [],
    },
    {
      name: 'not: another namespace',
      entries: [{ entry: 'x', objects: [a, object('Deployment', 'a', { namespace: 'm' }, 'apps/v1')] }],
      expected: [],
    },
    {
      name: 'not: another kind',
      entries: [{ entry: 'x', objects: [a, object('StatefulSet', 'a', { namespace: 'n' }, 'apps/v1')] }],
      expected: [],
    },
  ];
  test.each(table)('$name', ({ entries, expected }) => {
    expect(duplicatesIn(entries)).toEqual(expected);
  });
});
