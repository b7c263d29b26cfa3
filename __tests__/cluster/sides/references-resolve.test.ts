import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { clusterScopeOf } from '../../../src/cluster/cluster-scope.ts';
import { isRecord, type KubernetesObject, parseManifests } from '../../../src/cluster/manifests.ts';
import { inNamespace } from '../../../src/cluster/namespaces.ts';
import { type SeparatedVersions, separateVersions } from '../../../src/cluster/sides/separate-versions.ts';
import { type Side, SIDES } from '../../../src/model/sides.ts';

/** What one object says of another one, found without any code of the program. */
interface Reference {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** What an annotation names: a Secret or a ConfigMap. */
const CONTENTS = 'contents';
const textOf = ({ kind, namespace, name }: Reference): string => `${kind} ${namespace}/${name}`;

function referencesOf(object: KubernetesObject): Reference[] {
  const own = object.metadata.namespace ?? 'default';
  const found: Reference[] = [];
  const visit = (value: unknown, field: string): void => {
    if (typeof value === 'string') found.push(...inText(value, field, own));
    if (Array.isArray(value)) for (const item of value) visit(item, field);
    if (!isRecord(value)) return;
    const { name, namespace = own, kind } = value;
    if (typeof name === 'string' && typeof namespace === 'string') {
      if (['service', 'backendRefs', 'backend'].includes(field)) found.push({ kind: 'Service', namespace, name });
      if (field === 'subjects' && kind === 'ServiceAccount') found.push({ kind, namespace, name });
      if (field === 'roleRef' && typeof kind === 'string')
        found.push({ kind, namespace: kind === 'Role' ? own : '', name });
      if (field === 'configMapRef' || field === 'configMap') found.push({ kind: 'ConfigMap', namespace, name });
    }
    for (const [key, inner] of Object.entries(value)) visit(inner, key);
  };
  visit({ ...object, metadata: { annotations: object.metadata.annotations ?? {} } }, '');
  return found;
}

function inText(text: string, field: string, own: string): Reference[] {
  const services = [...text.matchAll(/([a-z0-9-]+)\.([a-z0-9-]+)\.svc\b/g)];
  const [, namespace = '', name = ''] = /^([a-z0-9-]+)\/([a-z0-9-]+)$/.exec(text) ?? [];
  return [
    ...services.map(([, service = '', inner = '']) => ({ kind: 'Service', namespace: inner, name: service })),
    ...(field === 'secretName' ? [{ kind: 'Secret', namespace: own, name: text }] : []),
    ...(/secret$|inject-ca-from$/.test(field) && name !== '' ? [{ kind: CONTENTS, namespace, name }] : []),
  ];
}

/** Those references that lead nowhere, where the API server has a Service of its own. */
function danglingIn(objects: readonly KubernetesObject[]): Reference[] {
  const isClusterWide = clusterScopeOf(objects);
  const there = new Set(['Service default/kubernetes']);
  for (const object of objects) {
    const namespace = isClusterWide(object) ? '' : (object.metadata.namespace ?? 'default');
    const kinds = object.kind === 'Secret' || object.kind === 'ConfigMap' ? [object.kind, CONTENTS] : [object.kind];
    for (const kind of kinds) there.add(textOf({ kind, namespace, name: object.metadata.name }));
  }
  return objects.flatMap(referencesOf).filter((reference) => !there.has(textOf(reference)));
}

const original = (version: Side, { kind, namespace, name }: Reference): string => {
  const without = (text: string): string => text.replace(new RegExp(`^${version}-`), '');
  return textOf({ kind, namespace: without(namespace), name: /Role$/.test(kind) ? without(name) : name });
};

const separate = (objects: readonly KubernetesObject[]): SeparatedVersions =>
  separateVersions({
    objects: { base: objects, head: objects },
    targets: [],
    platformNamespaces: new Set(['monitoring']),
  });

/** What led somewhere leads somewhere in each version, and no version knows of the other one. */
function expectAllToResolve(objects: readonly KubernetesObject[]): void {
  const separated = separate(objects);
  if (separated.conflicts.length > 0) return;
  const before = danglingIn(objects).map(textOf);
  for (const version of SIDES) {
    const after = [...separated.objects[version], ...separated.shared];
    expect(
      danglingIn(after)
        .map((reference) => original(version, reference))
        .filter((text) => !before.includes(text)),
    ).toEqual([]);
    const other = version === 'base' ? 'head-' : 'base-';
    expect(after.flatMap(referencesOf).filter(({ namespace }) => namespace.startsWith(other))).toEqual([]);
  }
}

const namespace = fc.constantFrom('shop', 'data', 'default', 'shop-api', 'monitoring');
const name = fc.constantFrom('web', 'db', 'kafka-headless', 'api');
/** The last one is that of the API server. */
const service = fc.oneof({ weight: 4, arbitrary: name }, { weight: 1, arbitrary: fc.constant('kubernetes') });
const address = fc
  .tuple(
    fc.constantFrom('', '$(POD).', '${HOST}.', 'db-0.', '*.', 'http://', 'CLIENT://$(POD).', '--to='),
    service,
    namespace,
    fc.constantFrom('', '.cluster.local:80', '/x', ':80,x'),
  )
  .map(([head, found, place, tail]) => `${head}${found}.${place}.svc${tail}`);

/** Objects that refer to each other at random, some of them to nothing. */
const anyObject: fc.Arbitrary<KubernetesObject> = fc
  .record({ kind: fc.nat(7), name, namespace, other: name, elsewhere: namespace, address })
  .map(({ kind, name: own, namespace: place, other, elsewhere, address: text }): KubernetesObject => {
    const made = (kindName: string, more: object, annotations?: Record<string, string>): KubernetesObject => ({
      apiVersion: 'v1',
      kind: kindName,
      metadata: { name: own, namespace: place, ...(annotations === undefined ? {} : { annotations }) },
      ...more,
    });
    switch (kind) {
      case 0:
        return made('Service', { spec: { ports: [{ port: 80 }] } });
      case 1:
        return made('Secret', { stringData: { url: text } });
      case 2:
        return made('ConfigMap', { data: { 'a.conf': `x: ${text}\n` } });
      case 3:
        return made('Deployment', {
          spec: {
            template: {
              spec: {
                containers: [{ name: 'c', env: [{ name: 'A', value: text }], args: [text] }],
                volumes: [{ secret: { secretName: other } }, { configMap: { name: other } }],
              },
            },
          },
        });
      case 4:
        return made(
          'Ingress',
          {
            spec: {
              rules: ['a', 'b'].map((host) => ({
                host: `${host}.${own}.localhost`,
                http: { paths: [{ path: '/', backend: { service: { name: other } } }] },
              })),
              tls: [{ hosts: [`a.${own}.localhost`], secretName: other }],
            },
          },
          {
            'nginx.ingress.kubernetes.io/auth-secret': `${elsewhere}/${other}`,
            'nginx.ingress.kubernetes.io/auth-url': `http://${text}`,
          },
        );
      case 5:
        return made('ServiceAccount', {});
      case 6:
        return made('RoleBinding', {
          roleRef: { kind: 'ClusterRole', name: other },
          subjects: [{ kind: 'ServiceAccount', name: other, namespace: elsewhere }],
        });
      default:
        return {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'ClusterRole',
          metadata: { name: own },
          rules: [],
        };
    }
  });

const distinct = (objects: readonly KubernetesObject[]): KubernetesObject[] => [
  ...new Map(
    objects.map((object) => [
      textOf({ kind: object.kind, namespace: object.metadata.namespace ?? '', name: object.metadata.name }),
      object,
    ]),
  ).values(),
];

describe('every reference that resolved resolves in each version', () => {
  test('of any manifests', () => {
    fc.assert(
      fc.property(fc.array(anyObject, { minLength: 1, maxLength: 14 }), (objects) => {
        expectAllToResolve(distinct(objects));
      }),
      { numRuns: 1000 },
    );
  });

  const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
  const folders = ['examples', 'manifests', '__tests__/fixtures/comparison'].flatMap((folder) => [
    folder,
    ...readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length)),
  ]);
  test.each(folders.filter((folder) => objectsOf(folder).length > 0))('of %s', (folder) => {
    expectAllToResolve(inNamespace(distinct(objectsOf(folder)), 'shop'));
  });

  /** The objects of all files directly in a folder. */
  function objectsOf(folder: string): KubernetesObject[] {
    return readdirSync(join(ROOT, folder)).flatMap((file) => {
      if (!/\.ya?ml$/.test(file)) return [];
      try {
        return parseManifests(readFileSync(join(ROOT, folder, file), 'utf8'));
      } catch {
        // Workflows, scenarios and kustomizations.
        return [];
      }
    });
  }
});

describe('an application of the kind that went wrong', () => {
  const fixture = (file: string): KubernetesObject[] =>
    parseManifests(readFileSync(new URL(`../../fixtures/comparison/${file}.yaml`, import.meta.url), 'utf8'));
  const head = (file: string): string => JSON.stringify(separate(fixture(file)).objects.head);
  const namesOf = (objects: readonly KubernetesObject[], kind: string): string[] =>
    objects.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name);

  test('that asks the API server', () => {
    expect(head('kubernetes-default').match(/kubernetes\.[a-z-]+\.svc/g)).toEqual(
      Array.from({ length: 3 }, () => 'kubernetes.default.svc'),
    );
  });

  test('that names a Service behind a variable', () => {
    expect(head('service-behind-a-variable').match(/kafka-headless\.[a-z-]*shop/g)).toEqual(
      Array.from({ length: 4 }, () => 'kafka-headless.head-shop'),
    );
  });

  test('whose Ingress has the name of one that is made from another', () => {
    const { objects, conflicts } = separate(fixture('ingress-name-clash'));
    expect(namesOf(objects.head, 'Ingress')).toEqual(['shop', 'shop-3', 'shop-2']);
    expect(conflicts).toEqual([]);
  });

  test('whose annotations name a Secret with its namespace', () => {
    expect(head('auth-secret')).toContain('"nginx.ingress.kubernetes.io/auth-secret":"head-shop/ca"');
    const text = head('namespace-slash-name');
    expect(text.match(/"[^"]+":"head-shop\/[^"]+"/g)).toEqual([
      '"nginx.ingress.kubernetes.io/auth-secret":"head-shop/basic-auth"',
      '"nginx.ingress.kubernetes.io/auth-tls-secret":"head-shop/basic-auth"',
      '"cert-manager.io/inject-ca-from":"head-shop/cert"',
    ]);
    expect(text).not.toMatch(/healthCheckNodePort|loadBalancerIP|nodePort/);
  });

  test('that has further hosts by an annotation', () => {
    const [ingress] = parseManifests(
      'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i, namespace: shop, annotations: {nginx.ingress.kubernetes.io/server-alias: "b.localhost, ~^c\\\\d"}}\nspec: {rules: [{host: a.localhost}]}\n',
    );
    const given = ingress === undefined ? [] : [ingress];
    const { objects, warnings, commonTargets } = separateVersions({
      objects: { base: given, head: given },
      targets: ['a.localhost', 'b.localhost'],
      platformNamespaces: new Set(),
    });
    expect(objects.head.at(-1)?.metadata.annotations?.['nginx.ingress.kubernetes.io/server-alias']).toBe(
      'b.head.localhost, ~^c\\d',
    );
    expect(commonTargets).toEqual(['a.localhost', 'b.localhost']);
    expect(warnings).toEqual([expect.stringContaining('has the pattern ~^c\\d among its server-alias')]);
  });
});
