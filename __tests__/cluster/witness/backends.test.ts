import { describe, expect, test } from '@jest/globals';
import { parseManifests } from '../../../src/cluster/manifests.ts';
import { backendsOf, namingOf, workloadsBehind } from '../../../src/cluster/witness/backends.ts';

const ingress = (name: string, host: string, path: string, service: string, more = '', type = 'Prefix'): string => `---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ${name}, namespace: shop${more}}
spec:
  rules:
    - {host: "${host}", http: {paths: [{path: "${path}", pathType: ${type}, backend: {service: {name: ${service}, port: {number: 80}}}}]}}
`;

const shares = (yaml: string, host: string, path = '/'): Record<string, number> =>
  Object.fromEntries(
    backendsOf(parseManifests(yaml), host, path).map(({ namespace, service, share }) => [
      `${namespace}/${service}`,
      share,
    ]),
  );

describe('a request of an Ingress goes to', () => {
  const all = [
    ingress('a', 'a.localhost', '/', 'front'),
    ingress('b', 'a.localhost', '/api', 'api'),
    ingress('c', 'a.localhost', '/api', 'exact', '', 'Exact'),
    ingress('d', '*.wild.localhost', '/', 'wild'),
    ingress('e', 'b.localhost', '/v1(/|$)(.*)', 'pattern', '', 'ImplementationSpecific'),
    '---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: f, namespace: shop}\nspec: {defaultBackend: {service: {name: rest, port: {number: 80}}}}\n',
  ].join('');

  test.each([
    ['a.localhost', '/', 'shop/front'],
    ['a.localhost', '/x', 'shop/front'],
    ['a.localhost', '/api', 'shop/exact'],
    ['a.localhost', '/api/', 'shop/api'],
    ['a.localhost', '/api/x?y=/z', 'shop/api'],
    ['a.localhost', '/apix', 'shop/front'],
    ['x.wild.localhost', '/', 'shop/wild'],
    ['b.localhost', '/v1/x', 'shop/pattern'],
    ['other.localhost', '/', 'shop/rest'],
  ])('%s%s: the Service %s', (host, path, service) => {
    expect(shares(all, host, path)).toEqual({ [service]: 1 });
  });

  test('each of several Services when rules claim the same place, as far as anybody can tell', () => {
    const twice = ingress('a', 'a.localhost', '/', 'one') + ingress('b', 'a.localhost', '/', 'two');
    expect(shares(twice, 'a.localhost')).toEqual({ 'shop/one': 0.5, 'shop/two': 0.5 });
  });

  test('one Service when two controllers have a copy of its rule each', () => {
    const copies = ingress('a', 'a.localhost', '/', 'one') + ingress('a-base', 'a.localhost', '/', 'one');
    expect(shares(copies, 'a.localhost')).toEqual({ 'shop/one': 1 });
  });

  test.each([
    ['canary-weight: "20"', { 'shop/main': 0.8, 'shop/new': 0.2 }],
    ['canary-weight: "100"', { 'shop/main': 0, 'shop/new': 1 }],
    ['canary-by-header: x', { 'shop/main': 1, 'shop/new': 0 }],
  ])('a canary as far as it must: %s', (annotation, expected) => {
    const more = `, annotations: {nginx.ingress.kubernetes.io/canary: "true", nginx.ingress.kubernetes.io/${annotation}}`;
    const yaml = ingress('main', 'a.localhost', '/', 'main') + ingress('canary', 'a.localhost', '/', 'new', more);
    const found = shares(yaml, 'a.localhost');
    for (const [service, share] of Object.entries(expected)) expect(found[service]).toBeCloseTo(share);
  });

  test('an alias of the host, too', () => {
    const more = ', annotations: {nginx.ingress.kubernetes.io/server-alias: "b.localhost, c.localhost"}';
    expect(shares(ingress('a', 'a.localhost', '/', 'one', more), 'c.localhost')).toEqual({ 'shop/one': 1 });
  });
});

test('a request of an HTTPRoute goes to its Services by their weights, and not to those of 0', () => {
  const route = `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r, namespace: shop}
spec:
  hostnames: [a.localhost]
  rules:
    - matches: [{path: {type: PathPrefix, value: /api}}]
      backendRefs: [{name: one, port: 80, weight: 3}, {name: two, port: 80}, {name: none, port: 80, weight: 0}]
    - matches: [{headers: [{name: x, value: y}]}]
      backendRefs: [{name: special, port: 80}]
    - backendRefs: [{name: front, namespace: web, port: 80}]
`;
  expect(shares(route, 'a.localhost', '/api/x')).toEqual({ 'shop/one': 0.75, 'shop/two': 0.25 });
  expect(shares(route, 'a.localhost')).toEqual({ 'web/front': 1 });
  expect(shares(route, 'b.localhost')).toEqual({});
});

test('a host is named in full or by a wildcard, not by a rule for all', () => {
  const objects = parseManifests(
    `${ingress('a', '*.a.localhost', '/', 'one')}---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: b}\nspec: {rules: [{http: {paths: [{path: /, backend: {service: {name: x}}}]}}]}\n`,
  );
  expect(['x.a.localhost', 'localhost'].map((host) => namingOf(objects, host))).toEqual(['wildcard', null]);
  const full = parseManifests(
    `${ingress('a', '*.a.localhost', '/', 'one')}${ingress('b', 'x.a.localhost', '/', 'one')}`,
  );
  expect(namingOf(full, 'x.a.localhost')).toBe('full');
});

describe('the workloads behind a Service', () => {
  const deployment = (name: string, labels: string, more = ''): string =>
    `---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}, namespace: shop}\nspec: {${more}template: {metadata: {labels: {${labels}}}}}\n`;
  const service = (spec: string): string =>
    `---\napiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {${spec}}\n`;
  const behind = (yaml: string): unknown =>
    workloadsBehind(parseManifests(yaml), { namespace: 'shop', service: 'web' }).map(({ kind, name, share }) => [
      kind,
      name,
      share,
    ]);

  test('are those whose pods bear all labels of its selector', () => {
    const all =
      deployment('web', 'app: web, tier: front') +
      deployment('other', 'app: other') +
      deployment('gone', 'app: web, tier: front', 'replicas: 0, ') +
      '---\napiVersion: v1\nkind: Pod\nmetadata: {name: alone, namespace: shop, labels: {app: web, tier: front}}\n';
    expect(behind(service('selector: {app: web, tier: front}') + all)).toEqual([
      ['Deployment', 'web', 0.5],
      ['Pod', 'alone', 0.5],
    ]);
    expect(behind(service('sessionAffinity: ClientIP, selector: {app: web, tier: front}') + all)).toEqual([
      ['Deployment', 'web', 0],
      ['Pod', 'alone', 0],
    ]);
  });

  test.each([['type: ExternalName, externalName: example.com'], ['selector: {app: nowhere}']])(
    'are unknown with %s',
    (spec) => {
      expect(behind(service(spec) + deployment('web', 'app: web'))).toEqual([]);
    },
  );
});
