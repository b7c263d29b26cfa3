import { describe, expect, test } from '@jest/globals';
import { type RenderedEntry, withoutDuplicates } from '../../src/cluster/manifest-entries.ts';
import type { KubernetesObject } from '../../src/cluster/manifests.ts';

const object = (kind: string, name: string, metadata: object = {}, apiVersion = 'v1'): KubernetesObject => ({
  apiVersion,
  kind,
  metadata: { name, ...metadata },
});
describe('an object that is there twice', () => {
  const a = object('Deployment', 'a', { namespace: 'n' }, 'apps/v1');
  const other = { ...a, spec: { replicas: 2 } };
  const b = object('Deployment', 'b', {}, 'apps/v1');
  const table: { name: string; entries: RenderedEntry[]; left: number; differing: string[]; alike: string[] }[] = [
    {
      name: 'in two files, with different contents',
      entries: [
        { entry: 'x.yaml', objects: [a, b] },
        { entry: 'y.yaml', objects: [other] },
      ],
      left: 3,
      differing: [
        'Deployment n/a is there twice, with different contents: in x.yaml and in y.yaml. Remove one of the two, or give the files that you need instead of their folder.',
      ],
      alike: [],
    },
    {
      name: 'in one file, with different contents',
      entries: [{ entry: 'x.yaml', objects: [a, other] }],
      left: 2,
      differing: [
        'Deployment n/a is there twice, with different contents: in x.yaml itself. Remove one of the two, or give the files that you need instead of their folder.',
      ],
      alike: [],
    },
    {
      name: 'in the same words counts once',
      entries: [
        { entry: 'x.yaml', objects: [a, b] },
        { entry: 'y.yaml', objects: [a] },
      ],
      left: 2,
      differing: [],
      alike: ['Deployment n/a is defined twice, identically: in x.yaml and in y.yaml. It is applied once.'],
    },
    {
      name: 'in another version of its group',
      entries: [{ entry: 'x.yaml', objects: [a, { ...a, apiVersion: 'apps/v2' }] }],
      left: 2,
      differing: [
        'Deployment n/a is there twice, with different contents: in x.yaml itself. Remove one of the two, or give the files that you need instead of their folder.',
      ],
      alike: [],
    },
    {
      name: 'as a hook of Helm is made anew each time',
      entries: [
        {
          entry: 'x.yaml',
          objects: ['pre-install', 'post-install'].map((when) =>
            object('Job', 'seed', { annotations: { 'helm.sh/hook': when } }, 'batch/v1'),
          ),
        },
      ],
      left: 2,
      differing: [],
      alike: [],
    },
    {
      name: 'only by its name is not there twice',
      entries: [
        { entry: 'x.yaml', objects: [a, object('Service', 'a', { namespace: 'n' })] },
        { entry: 'y.yaml', objects: [object('Deployment', 'a', { namespace: 'm' }, 'apps/v1')] },
        { entry: 'z.yaml', objects: [object('Deployment', 'a', { namespace: 'n' }, 'shop.example/v1')] },
      ],
      left: 4,
      differing: [],
      alike: [],
    },
  ];
  test.each(table)('$name', ({ entries, left, differing, alike }) => {
    const found = withoutDuplicates(entries);
    expect(found).toMatchObject({ differing, alike });
    expect(found.objects).toHaveLength(left);
  });
});
