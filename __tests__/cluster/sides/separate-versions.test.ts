import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { KubernetesObject } from '../../../src/cluster/manifests.ts';
import { type SeparatedVersions, separateVersions } from '../../../src/cluster/sides/separate-versions.ts';
import { SIDES } from '../../../src/model/sides.ts';

const object = (kind: string, name: string, namespace?: string, more: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  ...more,
});
const separate = (
  base: readonly KubernetesObject[],
  head: readonly KubernetesObject[] = base,
  targets: readonly string[] = [],
): SeparatedVersions =>
  separateVersions({ objects: { base, head }, targets, platformNamespaces: new Set(['ingress-nginx', 'monitoring']) });
const names = (objects: readonly KubernetesObject[]): string[] =>
  objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`);
const ingress = (host: string): KubernetesObject => object('Ingress', host, 'shop', { spec: { rules: [{ host }] } });

describe('every version has a place of its own', () => {
  test('namespaces are renamed, and made where the manifests do not', () => {
    const { objects, shared, conflicts, warnings } = separate([
      object('Namespace', 'shop'),
      object('Deployment', 'web', 'shop'),
      object('Service', 'db', 'data'),
      object('Service', 'lone'),
    ]);
    expect(names(objects.head)).toEqual([
      'Namespace /head-data',
      'Namespace /head-default',
      'Namespace /head-shop',
      'Deployment head-shop/web',
      'Service head-data/db',
      'Service head-default/lone',
    ]);
    expect(names(objects.base)).toEqual([
      'Namespace /base-data',
      'Namespace /base-default',
      'Namespace /base-shop',
      'Deployment base-shop/web',
      'Service base-data/db',
      'Service base-default/lone',
    ]);
    expect({ shared, conflicts, warnings }).toEqual({ shared: [], conflicts: [], warnings: [] });
  });

  test('labels of a namespace stay: they say how strict it is', () => {
    const namespace = {
      ...object('Namespace', 'shop'),
      metadata: { name: 'shop', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    };
    expect(separate([namespace]).objects.head).toEqual([
      { ...namespace, metadata: { ...namespace.metadata, name: 'head-shop' } },
    ]);
  });

  test('cluster roles and what binds them', () => {
    const { objects } = separate([
      object('ClusterRole', 'reader', undefined, { rules: [] }),
      object('ClusterRoleBinding', 'reader', undefined, {
        roleRef: { kind: 'ClusterRole', name: 'reader' },
        subjects: [{ kind: 'ServiceAccount', name: 'a', namespace: 'shop' }],
      }),
      object('RoleBinding', 'viewer', 'shop', { roleRef: { kind: 'ClusterRole', name: 'view' } }),
      object('RoleBinding', 'reader', 'kube-system', {
        roleRef: { kind: 'Role', name: 'extension-apiserver-authentication-reader' },
      }),
    ]);
    expect(objects.head.slice(1)).toEqual([
      object('ClusterRole', 'head-reader', undefined, { rules: [] }),
      object('ClusterRoleBinding', 'head-reader', undefined, {
        roleRef: { kind: 'ClusterRole', name: 'head-reader' },
        subjects: [{ kind: 'ServiceAccount', name: 'a', namespace: 'head-shop' }],
      }),
      object('RoleBinding', 'viewer', 'head-shop', { roleRef: { kind: 'ClusterRole', name: 'view' } }),
      object('RoleBinding', 'head-reader', 'kube-system', {
        roleRef: { kind: 'Role', name: 'extension-apiserver-authentication-reader' },
      }),
    ]);
  });

  test('a webhook sees its own version only', () => {
    const { objects } = separate([
      object('Service', 'hook', 'shop'),
      object('MutatingWebhookConfiguration', 'hook', undefined, {
        webhooks: [
          {
            name: 'a',
            namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'Exists' }] },
            clientConfig: { service: { name: 'hook', namespace: 'shop' } },
          },
        ],
      }),
    ]);
    expect(objects.base.at(-1)).toMatchObject({
      metadata: { name: 'base-hook' },
      webhooks: [
        {
          namespaceSelector: {
            matchExpressions: [
              { key: 'team' },
              { key: 'kubernetes.io/metadata.name', operator: 'In', values: ['base-shop'] },
            ],
          },
          clientConfig: { service: { namespace: 'base-shop' } },
        },
      ],
    });
  });

  test('addresses that only one can have are left to Kubernetes', () => {
    const { objects } = separate([
      object('Service', 'a', 'shop', {
        spec: {
          type: 'NodePort',
          clusterIP: '10.96.0.9',
          clusterIPs: ['10.96.0.9'],
          ports: [{ port: 80, nodePort: 30080 }],
        },
      }),
      object('Service', 'b', 'shop', { spec: { clusterIP: 'None', ports: [{ port: 80 }] } }),
    ]);
    expect(objects.head.slice(1).map(({ spec }) => spec)).toEqual([
      { type: 'NodePort', ports: [{ port: 80 }] },
      { ports: [{ port: 80 }], clusterIP: 'None' },
    ]);
  });
});

describe('what belongs to the whole cluster', () => {
  const definition = (more: object = {}): KubernetesObject =>
    object('CustomResourceDefinition', 'fleets.example.com', undefined, {
      spec: { group: 'example.com', scope: 'Cluster', names: { kind: 'Fleet' }, ...more },
    });
  const fleet = { ...object('Fleet', 'one'), apiVersion: 'example.com/v1' };

  test('is applied once when both have the same, or only one has it', () => {
    const { shared, conflicts, objects } = separate(
      [definition(), fleet],
      [definition(), fleet, object('PriorityClass', 'high', undefined, { value: 1 })],
    );
    expect(names(shared)).toEqual([
      'CustomResourceDefinition /fleets.example.com',
      'Fleet /one',
      'PriorityClass /high',
    ]);
    expect(conflicts).toEqual([]);
    expect([...objects.base, ...objects.head]).toEqual([]);
  });

  const refused = [
    {
      name: 'a definition that differs',
      base: [definition()],
      head: [definition({ versions: [] })],
      conflict:
        'CustomResourceDefinition fleets.example.com belongs to the whole cluster, and the versions define it differently.',
    },
    {
      name: 'a volume that only one can have',
      base: [object('PersistentVolume', 'disk')],
      head: [object('PersistentVolume', 'disk')],
      conflict: 'PersistentVolume disk can be bound only once, and both versions have it.',
    },
    {
      name: 'a reference to a namespace of the application',
      base: [],
      head: [
        object('Service', 'a', 'shop'),
        object('APIService', 'v1.example.com', undefined, { spec: { service: { name: 'a', namespace: 'shop' } } }),
      ],
      conflict:
        'APIService v1.example.com belongs to the whole cluster, but refers to a namespace of the application, and each version has its own namespaces.',
    },
    {
      name: 'different settings in a namespace of the platform',
      base: [object('ConfigMap', 'c', 'monitoring', { data: {} })],
      head: [object('ConfigMap', 'c', 'monitoring', { data: { a: '1' } })],
      conflict: 'ConfigMap monitoring/c belongs to the whole cluster, and the versions define it differently.',
    },
    {
      name: 'a port of every node',
      base: [],
      head: [
        object('DaemonSet', 'agent', 'shop', {
          spec: { template: { spec: { containers: [{ ports: [{ hostPort: 9100 }] }] } } },
        }),
      ],
      conflict: 'DaemonSet shop/agent takes port 9100 of every node (hostPort), which only one version can have.',
    },
  ];
  test.each(refused)('is refused, with its name: $name', ({ base, head, conflict }) => {
    expect(separate(base, head).conflicts).toEqual([conflict]);
  });

  test.each([
    {
      name: 'a pod on the network of its node',
      given: object('Deployment', 'd', 'shop', { spec: { template: { spec: { hostNetwork: true } } } }),
      warning: /^Deployment shop\/d takes a port of its node/,
    },
    {
      name: 'a route that is not known',
      given: object('VirtualService', 'v', 'shop'),
      warning: /^VirtualService shop\/v: hosts of this kind/,
    },
    {
      name: 'a Gateway',
      given: object('Gateway', 'g', 'shop', { spec: { listeners: [] } }),
      warning: /^Gateway shop\/g exists once for each version/,
    },
  ])('$name is a warning', ({ given, warning }) => {
    expect(separate([given]).warnings).toEqual([expect.stringMatching(warning)]);
  });
});

describe('hosts', () => {
  test('only those are compared that both versions answer for', () => {
    const { commonTargets, warnings } = separate(
      [ingress('a.localhost')],
      [ingress('a.localhost'), ingress('b.localhost')],
      ['a.localhost', 'b.localhost'],
    );
    expect(commonTargets).toEqual(['a.localhost']);
    expect(warnings).toEqual(['Only one version has a route for b.localhost, so it is not compared.']);
  });

  test('all of them, when the manifests do not tell', () => {
    expect(
      separate([object('VirtualService', 'v', 'shop')], [ingress('a.localhost')], ['a.localhost']).commonTargets,
    ).toEqual(['a.localhost']);
  });
});

test('the same manifests give versions that differ in one word, and share no name', () => {
  const name = fc.constantFrom('a', 'b', 'c');
  const namespaced = fc.record({
    kind: fc.constantFrom('Deployment', 'Service', 'ConfigMap', 'Role'),
    name,
    namespace: fc.option(fc.constantFrom('shop', 'data'), { nil: undefined }),
  });
  const clusterWide = fc.record({
    kind: fc.constantFrom('ClusterRole', 'ClusterRoleBinding', 'Namespace'),
    name,
    namespace: fc.constant(undefined),
  });
  fc.assert(
    fc.property(fc.array(fc.oneof(namespaced, clusterWide), { maxLength: 12 }), (given) => {
      const { objects } = separate(given.map(({ kind, name: each, namespace }) => object(kind, each, namespace)));
      const words = SIDES.map((version) => JSON.stringify(objects[version]).replaceAll(`${version}-`, '*-'));
      expect(words[0]).toBe(words[1]);
      expect(names(objects.base).filter((each) => names(objects.head).includes(each))).toEqual([]);
    }),
  );
});

test('rules of admission are there once for each version, and hold for its namespace', () => {
  const { objects, conflicts } = separate([
    object('ValidatingAdmissionPolicy', 'limits', undefined, { spec: { validations: [] } }),
    object('ValidatingAdmissionPolicyBinding', 'limits', undefined, {
      spec: { policyName: 'limits', matchResources: { objectSelector: { matchLabels: { a: 'b' } } } },
    }),
    object('ValidatingAdmissionPolicyBinding', 'theirs', undefined, { spec: { policyName: 'theirs' } }),
    object('ConfigMap', 'a', 'shop'),
  ]);
  const here = {
    namespaceSelector: {
      matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: ['head-shop'] }],
    },
  };
  expect(conflicts).toEqual([]);
  expect(objects.head.slice(1, 4)).toMatchObject([
    { metadata: { name: 'head-limits' } },
    {
      metadata: { name: 'head-limits' },
      spec: { policyName: 'head-limits', matchResources: { objectSelector: { matchLabels: { a: 'b' } }, ...here } },
    },
    { metadata: { name: 'head-theirs' }, spec: { policyName: 'theirs', matchResources: here } },
  ]);
});

test('a role for one namespace is for that of the version', () => {
  const rules = [{ apiGroups: [''], resources: ['namespaces'], resourceNames: ['shop', 'other'], verbs: ['get'] }];
  const { objects } = separate([object('ClusterRole', 'r', undefined, { rules }), object('ConfigMap', 'a', 'shop')]);
  expect(objects.head[1]).toMatchObject({ rules: [{ resourceNames: ['head-shop', 'other'] }] });
});
