import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  imagesOf,
  inApplyOrder,
  parseManifests,
  toJson,
  toYaml,
  kindsToAskFor,
  workloadsOf,
  type KubernetesObject,
} from '../../src/cluster/manifests.ts';

const object = (kind: string, name: string, more: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name },
  ...more,
});

describe('parseManifests', () => {
  const table = [
    {
      name: 'several documents, of which some are empty',
      yaml: '---\n# nothing\n---\napiVersion: v1\nkind: A\nmetadata: {name: a}\n---\n---\napiVersion: v1\nkind: B\nmetadata: {name: b}\n',
      expected: ['A/a', 'B/b'],
    },
    {
      name: 'a list is taken apart',
      yaml: 'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: A, metadata: {name: a}}\n- {apiVersion: v1, kind: B, metadata: {name: b}}\n',
      expected: ['A/a', 'B/b'],
    },
    {
      name: 'a list in a list',
      yaml: 'apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMapList\n  items:\n  - {apiVersion: v1, kind: ConfigMap, metadata: {name: c}}\n',
      expected: ['ConfigMap/c'],
    },
    { name: 'JSON is YAML too', yaml: '{"apiVersion":"v1","kind":"A","metadata":{"name":"a"}}', expected: ['A/a'] },
    {
      name: 'a typed list, whose items need not say what they are',
      yaml: 'apiVersion: v1\nkind: ConfigMapList\nitems:\n- metadata: {name: a}\n- {apiVersion: v1, kind: Secret, metadata: {name: b}}\n',
      expected: ['ConfigMap/a', 'Secret/b'],
    },
    { name: 'a list of nothing', yaml: 'apiVersion: v1\nkind: List\nitems:\n', expected: [] },
    {
      name: 'a name like the end of a number',
      yaml: 'apiVersion: v1\nkind: Service\nmetadata:\n  name: e1\n  labels: {zone: e2, tier: .}\n',
      expected: ['Service/e1'],
    },
    {
      name: 'a kind whose name ends like a list',
      yaml: 'apiVersion: example/v1\nkind: AllowList\nmetadata: {name: a}\n',
      expected: ['AllowList/a'],
    },
    { name: 'an empty text has none', yaml: '', expected: [] },
    { name: 'only comments', yaml: '# nothing here\n', expected: [] },
  ];
  test.each(table)('$name', ({ yaml, expected }) => {
    expect(parseManifests(yaml).map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toEqual(expected);
  });

  const faults = [
    {
      name: 'a document without a kind is named by its position',
      yaml: 'apiVersion: v1\nkind: A\nmetadata: {name: a}\n---\napiVersion: v1\nmetadata: {name: b}\n',
      message:
        'document 2 is not a Kubernetes object with apiVersion, kind and metadata.name: its kind is missing (it begins on line 5)',
    },
    { name: 'an object without a name', yaml: 'apiVersion: v1\nkind: A\nmetadata: {}\n', message: 'document 1' },
    {
      name: 'a generated name, as kubectl apply refuses it',
      yaml: 'apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: migrate-}\n',
      message: 'only metadata.generateName (migrate-), which kubectl apply does not take either',
    },
    {
      name: 'a name that is a number',
      yaml: 'apiVersion: v1\nkind: A\nmetadata: {name: 1234567}\n',
      message: 'has the name 1234567, which is not a string: put it in quotes',
    },
    {
      name: 'items that are no list',
      yaml: 'apiVersion: v1\nkind: List\nitems: a\n',
      message: 'its items are not a list',
    },
    { name: 'a plain text', yaml: 'hello', message: 'document 1' },
    { name: 'a list as a document', yaml: '- a\n- b\n', message: 'document 1' },
    { name: 'a broken item of a list', yaml: 'apiVersion: v1\nkind: List\nitems: [hello]\n', message: 'document 1' },
    { name: 'a syntax error is told with its place', yaml: 'a: [1\nb: 2', message: /line \d+/ },
    {
      name: 'aliases that grow without end',
      yaml: `a: &a [x,x,x,x,x,x,x,x,x]\n${['b', 'c', 'd', 'e', 'f'].map((name, index) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${'abcde'[index] ?? ''}`).join(',')}]`).join('\n')}\n`,
      message: /alias/i,
    },
  ];
  test.each(faults)('$name', ({ yaml, message }) => {
    expect(() => parseManifests(yaml)).toThrow(message);
  });

  test.each(['', 'null', '~', '""'])('a namespace of %j is none', (namespace) => {
    const [object] = parseManifests(`apiVersion: v1\nkind: A\nmetadata: {name: a, namespace: ${namespace}}\n`);
    expect(object?.metadata).toStrictEqual({ name: 'a' });
  });

  test('what is written is read back', () => {
    const value = fc.jsonValue({ maxDepth: 3 });
    const objects = fc.array(
      fc.record({ kind: fc.constantFrom('ConfigMap', 'Deployment'), name: fc.string({ minLength: 1 }), data: value }),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(objects, (given) => {
        const before = given.map(({ kind, name, data }) => object(kind, name, { data: data ?? null }));
        expect(toJson(parseManifests(toYaml(before)))).toBe(toJson(before));
        expect(toJson(parseManifests(toJson(before)))).toBe(toJson(before));
      }),
    );
  });
});

describe('YAML is read as Kubernetes reads it', () => {
  const table: { yaml: string; value: unknown }[] = [
    { yaml: '0644', value: 0o644 },
    { yaml: '"0644"', value: '0644' },
    { yaml: 'yes', value: true },
    { yaml: '"yes"', value: 'yes' },
    { yaml: 'off', value: false },
    { yaml: '2026-01-31', value: '2026-01-31' },
    { yaml: '12:30:45', value: '12:30:45' },
    { yaml: '100m', value: '100m' },
    { yaml: '1.5', value: 1.5 },
    { yaml: '.', value: '.' },
    { yaml: '612e904', value: '612e904' },
    { yaml: '9007199254740993', value: 9007199254740993n },
    { yaml: '"a\\u0085b"', value: 'a\u0085b' },
  ];
  test.each(table)('$yaml', ({ yaml, value }) => {
    const [read] = parseManifests(`apiVersion: v1\nkind: A\nmetadata: {name: a}\nspec: ${yaml}\n`);
    expect(read?.['spec']).toBe(value);
    expect(parseManifests(toYaml([object('A', 'a', { spec: value })]))[0]?.['spec']).toBe(value);
  });

  test('a merge key', () => {
    const [read] = parseManifests(
      'apiVersion: v1\nkind: A\nmetadata: {name: a}\nbase: &base {a: 1, b: 2}\nspec: {<<: *base, b: 3}\n',
    );
    expect(read?.['spec']).toEqual({ a: 1, b: 3 });
  });
});

test('namespaces and definitions come first, what others need before them, and API services last, each in its given order', () => {
  const objects = [
    object('APIService', 'a'),
    object('Service', 's'),
    object('Namespace', 'n'),
    object('Deployment', 'd'),
    object('CustomResourceDefinition', 'c'),
    object('Namespace', 'm'),
    object('LimitRange', 'l'),
    object('ServiceAccount', 'a'),
    { ...object('Secret', 'x'), apiVersion: 'vault.example.com/v1' },
  ];
  const { foundations, rest, extensions } = inApplyOrder(objects);
  expect(foundations.map(({ metadata }) => metadata.name)).toEqual(['n', 'c', 'm']);
  expect(rest.map(({ metadata }) => metadata.name)).toEqual(['l', 'a', 's', 'd', 'x']);
  expect(extensions.map(({ metadata }) => metadata.name)).toEqual(['a']);
});

describe('imagesOf', () => {
  const podSpec = {
    initContainers: [{ name: 'i', image: 'z:1' }],
    containers: [
      { name: 'c', image: 'a:1' },
      { name: 'd', image: 'a:1' },
    ],
    ephemeralContainers: [{ name: 'e', image: 'b:1' }],
  };
  const table = [
    {
      name: 'every container of a template, sorted, once each',
      objects: [object('Deployment', 'd', { spec: { template: { spec: podSpec } } })],
      expected: ['a:1', 'b:1', 'z:1'],
    },
    {
      name: 'a CronJob, deep down',
      objects: [
        object('CronJob', 'c', {
          spec: { jobTemplate: { spec: { template: { spec: { containers: [{ image: 'cron:1' }] } } } } },
        }),
      ],
      expected: ['cron:1'],
    },
    {
      name: 'a container without an image',
      objects: [object('Pod', 'p', { spec: { containers: [{ name: 'c' }, null, 'x'] } })],
      expected: [],
    },
    {
      name: 'a field image that is no container',
      objects: [object('ConfigMap', 'c', { data: { image: 'no:1', containers: 'none' } })],
      expected: [],
    },
  ];
  test.each(table)('$name', ({ objects, expected }) => {
    expect(imagesOf(objects)).toEqual(expected);
  });
});

test('the workloads are those whose readiness can be told, in their namespace', () => {
  const objects = [
    object('Service', 's'),
    { ...object('Deployment', 'd'), metadata: { name: 'd', namespace: 'n' } },
    object('StatefulSet', 't'),
    object('DaemonSet', 'e'),
    object('Job', 'j'),
    object('Job', 'later', { spec: { suspend: true } }),
    object('CronJob', 'c'),
    object('Pod', 'p'),
    object('ReplicationController', 'r'),
    { ...object('Job', 'of-volcano'), apiVersion: 'batch.volcano.sh/v1alpha1' },
  ];
  expect(workloadsOf(objects)).toEqual([
    { kind: 'Deployment', namespace: 'n', name: 'd' },
    { kind: 'StatefulSet', namespace: 'default', name: 't' },
    { kind: 'DaemonSet', namespace: 'default', name: 'e' },
    { kind: 'Job', namespace: 'default', name: 'j' },
    { kind: 'Pod', namespace: 'default', name: 'p' },
    { kind: 'ReplicationController', namespace: 'default', name: 'r' },
  ]);
  expect(kindsToAskFor(workloadsOf(objects))).toEqual([
    ...['Deployment', 'StatefulSet', 'DaemonSet', 'Job'],
    ...['ReplicationController', 'Pod'],
  ]);
  expect(kindsToAskFor([])).toEqual(['Deployment', 'StatefulSet', 'DaemonSet', 'Job']);
});
