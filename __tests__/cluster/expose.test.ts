import { describe, expect, test } from '@jest/globals';
import {
  type ExposedService,
  type Exposure,
  exposeLines,
  findExposed,
  ingressTo,
  publicServices,
  withExposedPaths,
} from '../../src/cluster/expose.ts';
import type { KubernetesObject } from '../../src/cluster/manifests.ts';
import { targetsIn } from '../../src/cluster/routes.ts';
import { exposures } from '../../src/inputs/formats.ts';

interface Port {
  readonly name?: string;
  readonly port: number;
  readonly targetPort?: number | string;
  readonly appProtocol?: string;
  readonly protocol?: string;
}

const service = (name: string, type: string | null, ports: readonly Port[], namespace = 'shop'): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace },
  spec: { ...(type === null ? {} : { type }), ports },
});

const read = (text: string): readonly Exposure[] => {
  const parsed = exposures(text);
  if ('faults' in parsed) throw new Error(parsed.faults[0]?.allowed);
  return parsed.value;
};

describe('the port that speaks HTTP', () => {
  const table: { name: string; ports: readonly Port[]; expected: number | null }[] = [
    { name: 'a usual number', ports: [{ port: 80 }], expected: 80 },
    { name: 'a usual number of the container', ports: [{ port: 9090, targetPort: 8080 }], expected: 9090 },
    {
      name: 'a name',
      ports: [
        { name: 'grpc', port: 9999 },
        { name: 'http', port: 9898 },
      ],
      expected: 9898,
    },
    {
      name: 'the plain name before one with a suffix',
      ports: [
        { name: 'http-metrics', port: 1 },
        { name: 'http', port: 2 },
      ],
      expected: 2,
    },
    {
      name: 'the application protocol before a name',
      ports: [
        { name: 'http', port: 1, appProtocol: 'grpc' },
        { name: 'x', port: 2, appProtocol: 'http' },
      ],
      expected: 2,
    },
    { name: 'another protocol at a usual number', ports: [{ name: 'grpc', port: 8080 }], expected: null },
    { name: 'TLS', ports: [{ name: 'https', port: 443, targetPort: 8443 }], expected: null },
    { name: 'UDP', ports: [{ name: 'http', port: 80, protocol: 'UDP' }], expected: null },
    { name: 'an unusual number without a name', ports: [{ port: 6379 }], expected: null },
    { name: 'no port', ports: [], expected: null },
  ];
  test.each(table)('$name', ({ ports, expected }) => {
    const found = publicServices([service('web', 'LoadBalancer', ports)]);
    expect(found.map(({ port }) => port)).toEqual(expected === null ? [] : [expected]);
  });
});

test('only Services that are open to the outside are exposed by themselves', () => {
  const objects = ['LoadBalancer', 'NodePort', 'ClusterIP', 'ExternalName', null].map((type, index) =>
    service(`s${String(index)}`, type, [{ port: 80 }]),
  );
  expect(publicServices(objects).map(({ host }) => host)).toEqual(['s0.localhost', 's1.localhost']);
});

test('Services of one name in two namespaces have a host each', () => {
  const objects = [service('web', 'NodePort', [{ port: 80 }], 'a'), service('web', 'NodePort', [{ port: 80 }], 'b')];
  expect(publicServices(objects).map(({ host }) => host)).toEqual(['web.a.localhost', 'web.b.localhost']);
});

describe('input expose', () => {
  const objects = [
    service('web', null, [
      { name: 'http', port: 8080 },
      { name: 'admin', port: 9000 },
    ]),
    service('api', null, [{ port: 6000 }], 'back'),
    service('api', null, [{ port: 6001 }], 'front'),
    service(
      'two',
      null,
      [{ port: 6000 }, { port: 6001 }].map((port, index) => ({ ...port, name: `p${String(index)}` })),
    ),
  ];
  const found: [string, Partial<ExposedService>][] = [
    ['a.localhost=web', { namespace: 'shop', service: 'web', port: 8080, path: '/' }],
    ['a.localhost=web:admin', { port: 9000 }],
    ['a.localhost=web:9000', { port: 9000 }],
    ['a.localhost=web:9000/x?y=1', { port: 9000, path: '/x?y=1' }],
    ['a.localhost=web/cart', { service: 'web', port: 8080, path: '/cart' }],
    ['a.localhost=web/cart/items', { service: 'web', path: '/cart/items' }],
    ['a.localhost=shop/web', { service: 'web', path: '/' }],
    ['a.localhost=shop/web/cart', { service: 'web', path: '/cart' }],
    ['a.localhost=back/api', { namespace: 'back', port: 6000 }],
  ];
  test.each(found)('%s', (line, expected) => {
    const { exposed, faults } = findExposed(read(line), objects);
    expect(faults).toEqual([]);
    expect(exposed).toEqual([expect.objectContaining({ host: 'a.localhost', ...expected })]);
  });

  const refused: [string, RegExp][] = [
    ['a.localhost=shop', /have no Service shop; they have shop\/web, back\/api, front\/api, shop\/two$/],
    ['a.localhost=other/web', /have no Service other\/web/],
    ['a.localhost=api', /several Services have the name api; give one of back\/api, front\/api$/],
    ['a.localhost=web:81', /Service shop\/web has no TCP port 81; it has http \(8080\), admin \(9000\)$/],
    ['a.localhost=two', /no port of Service shop\/two is known to speak HTTP; name one of p0 \(6000\), p1 \(6001\)$/],
  ];
  test.each(refused)('%s is refused', (line, message) => {
    const { exposed, faults } = findExposed(read(line), objects);
    expect(exposed).toEqual([]);
    expect(faults).toEqual([expect.stringMatching(message)]);
  });

  test.each([
    'a.localhost',
    'A.localhost=web',
    'a.localhost=',
    'a.localhost=web:',
    'a.localhost=web cart',
    'a=b=c',
    'a.localhost=web\na.localhost=api',
  ])('%j is no line of it', (text) => {
    expect(exposures(text)).toHaveProperty('faults');
  });
});

test('what an exposed Service is asked is what its Ingress routes, with the path of its line', () => {
  const objects = [service('web', null, [{ port: 8080 }])];
  const { exposed } = findExposed(read('a.localhost=web:8080/cart'), objects);
  const routes = exposed.map((one) => ingressTo(one, 'nginx'));
  expect(withExposedPaths(targetsIn(routes), exposed)).toEqual([{ host: 'a.localhost', path: '/cart' }]);
  expect(routes).toMatchObject([
    {
      metadata: { namespace: 'shop' },
      spec: {
        ingressClassName: 'nginx',
        rules: [
          { host: 'a.localhost', http: { paths: [{ backend: { service: { name: 'web', port: { number: 8080 } } } }] } },
        ],
      },
    },
  ]);
});

test('a line to paste for each Service is a line that finds it', () => {
  // The one that speaks HTTP comes first, whatever the order of the manifests.
  const objects = [service('db', null, [{ port: 5432 }], 'data'), service('web', null, [{ port: 8080 }])];
  const lines = exposeLines(objects);
  expect(lines).toEqual(['web.localhost=shop/web:8080', 'db.localhost=data/db:5432']);
  expect(findExposed(read(lines.join('\n')), objects).faults).toEqual([]);
});
