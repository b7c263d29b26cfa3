import { describe, expect, test } from '@jest/globals';
import type { KubernetesObject } from '../../../src/cluster/manifests.ts';
import {
  isForeignRoute,
  isRouted,
  routedHosts,
  routesOf,
  takenNames,
} from '../../../src/cluster/sides/version-routes.ts';

const backend = (name: string): object => ({ service: { name, port: { name: 'http' } } });
const paths = (name: string): object => ({
  http: { paths: [{ path: '/', pathType: 'Prefix', backend: backend(name) }] },
});
const object = (kind: string, spec: object, more: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'web', namespace: 'shop', ...more },
  spec,
});

const routes = (given: KubernetesObject, targets: readonly string[] = []): KubernetesObject[] =>
  routesOf(given, { version: 'head', targets, named: routedHosts([given]) });
const upstream = (host: string): object => ({ 'nginx.ingress.kubernetes.io/upstream-vhost': host });

describe('an Ingress', () => {
  test('is taken apart by host, and the application still sees the host that it knows', () => {
    const given = object('Ingress', {
      ingressClassName: 'nginx',
      rules: [
        { host: 'shop.localhost', ...paths('a') },
        { host: 'cart.localhost', ...paths('b') },
      ],
    });
    expect(routes(given)).toEqual([
      object(
        'Ingress',
        { ingressClassName: 'nginx', rules: [{ host: 'shop.head.localhost', ...paths('a') }] },
        { annotations: upstream('shop.localhost') },
      ),
      object(
        'Ingress',
        { ingressClassName: 'nginx', rules: [{ host: 'cart.head.localhost', ...paths('b') }] },
        { name: 'web-2', annotations: upstream('cart.localhost') },
      ),
    ]);
  });

  test('keeps its annotations, also the host that it sends itself', () => {
    const annotations = { ...upstream('inner'), 'nginx.ingress.kubernetes.io/rewrite-target': '/' };
    const [only] = routes(object('Ingress', { rules: [{ host: 'shop.localhost', ...paths('a') }] }, { annotations }));
    expect(only?.metadata).toEqual({ name: 'web', namespace: 'shop', annotations });
  });

  test('with a wildcard has no one host to send', () => {
    expect(routes(object('Ingress', { rules: [{ host: '*.localhost', ...paths('a') }] }))).toEqual([
      object('Ingress', { rules: [{ host: '*.head.localhost', ...paths('a') }] }, { annotations: {} }),
    ]);
  });

  const catchAll = [
    {
      name: 'gets those that requests go to',
      rules: [paths('a')],
      targets: ['x.localhost', 'y.localhost'],
      expected: ['x.head.localhost', 'y.head.localhost'],
    },
    {
      name: 'leaves those that other rules name',
      rules: [{ host: 'x.localhost', ...paths('b') }, paths('a')],
      targets: ['x.localhost', 'y.localhost'],
      expected: ['x.head.localhost', 'y.head.localhost'],
    },
    { name: 'has one when no other is known', rules: [paths('a')], targets: [], expected: ['head.localhost'] },
  ];
  test.each(catchAll)('whose rule answers for every host $name', ({ rules, targets, expected }) => {
    expect(routedHosts(routes(object('Ingress', { rules }), targets))).toEqual(expected);
  });

  test('with a default backend answers for the hosts that no rule names', () => {
    const given = object('Ingress', { defaultBackend: backend('a'), rules: [{ host: 'x.localhost', ...paths('b') }] });
    const made = routes(given, ['x.localhost', 'y.localhost']);
    expect(made.map(({ spec }) => spec)).toEqual([
      { rules: [{ host: 'x.head.localhost', ...paths('b') }] },
      { rules: [{ host: 'y.head.localhost', ...paths('a') }] },
    ]);
  });

  test('with a default backend answers on a host that it names, too, what no path takes', () => {
    const api = { path: '/api', pathType: 'Prefix', backend: backend('b') };
    const given = object('Ingress', {
      defaultBackend: backend('a'),
      rules: [{ host: 'x.localhost', http: { paths: [api] } }],
    });
    expect(routes(given, ['x.localhost'])[0]?.['spec']).toEqual({
      rules: [
        { host: 'x.head.localhost', http: { paths: [api] } },
        { host: 'x.head.localhost', ...paths('a') },
      ],
    });
  });

  test('keeps the certificate of each host', () => {
    const tls = [
      { hosts: ['shop.localhost'], secretName: 's' },
      { hosts: ['*.other.localhost'], secretName: 'o' },
      { secretName: 'any' },
    ];
    const made = routes(
      object('Ingress', {
        tls,
        rules: [
          { host: 'shop.localhost', ...paths('a') },
          { host: 'a.other.localhost', ...paths('a') },
        ],
      }),
    );
    expect(made.map(({ spec }) => (spec as { tls: unknown }).tls)).toEqual([
      [{ hosts: ['shop.head.localhost'], secretName: 's' }, { secretName: 'any' }],
      [{ hosts: ['a.other.head.localhost'], secretName: 'o' }, { secretName: 'any' }],
    ]);
  });
});

describe('an Ingress that is taken apart and gets its certificates from cert-manager', () => {
  const tls = [{ hosts: ['a.localhost', 'b.localhost'], secretName: 's' }];
  const rules = [
    { host: 'a.localhost', ...paths('a') },
    { host: 'b.localhost', ...paths('a') },
  ];
  const secretsOf = (annotations: object, ...others: KubernetesObject[]): unknown => {
    const given = object('Ingress', { tls, rules }, { annotations });
    const taken = takenNames([given, ...others]);
    return routesOf(given, { version: 'head', targets: [], named: routedHosts([given]), taken }).map(
      ({ spec }) => (spec as { tls: { secretName: string }[] }).tls[0]?.secretName,
    );
  };
  const ISSUER = { 'cert-manager.io/cluster-issuer': 'house' };

  test('has a Secret of its own for each host, since cert-manager makes one for one Ingress', () => {
    expect(secretsOf(ISSUER)).toEqual(['s', 's-2']);
    expect(secretsOf({ 'kubernetes.io/tls-acme': 'true' })).toEqual(['s', 's-2']);
    expect(secretsOf({})).toEqual(['s', 's']);
  });

  test('whose name nothing else has', () => {
    const other = (kind: string, name: string, more: object = {}): KubernetesObject => ({
      ...object(kind, more),
      apiVersion: kind === 'Certificate' ? 'cert-manager.io/v1' : 'v1',
      metadata: { name, namespace: 'shop' },
    });
    expect(secretsOf(ISSUER, other('Secret', 's-2'))).toEqual(['s', 's-3']);
    expect(secretsOf(ISSUER, other('Certificate', 'x', { secretName: 's-2' }), other('Secret', 's-3'))).toEqual([
      's',
      's-4',
    ]);
    expect(secretsOf(ISSUER, other('Ingress', 'other', { tls: [{ secretName: 's-2' }] }))).toEqual(['s', 's-3']);
  });
});

describe('other routes', () => {
  const table = [
    {
      name: 'an HTTPRoute',
      given: object('HTTPRoute', { hostnames: ['shop.localhost', '*.localhost'], rules: [] }),
      expected: object('HTTPRoute', { rules: [], hostnames: ['shop.head.localhost', '*.head.localhost'] }),
    },
    {
      name: 'a GRPCRoute for every host',
      given: object('GRPCRoute', { rules: [] }),
      expected: object('GRPCRoute', { rules: [], hostnames: ['x.head.localhost'] }),
    },
    {
      name: 'listeners of a Gateway',
      given: object('Gateway', { listeners: [{ name: 'a', hostname: '*.localhost' }, { name: 'b' }] }),
      expected: object('Gateway', { listeners: [{ name: 'a', hostname: '*.head.localhost' }, { name: 'b' }] }),
    },
    {
      name: "Traefik's matchers",
      given: object('IngressRoute', {
        routes: [{ match: 'Host(`shop.localhost`, `b.localhost`) && PathPrefix(`/host`)' }],
      }),
      expected: object('IngressRoute', {
        routes: [{ match: 'Host(`shop.head.localhost`, `b.head.localhost`) && PathPrefix(`/host`)' }],
      }),
    },
    {
      name: 'no route at all',
      given: object('Service', { host: 'shop.localhost' }),
      expected: object('Service', { host: 'shop.localhost' }),
    },
  ];
  test.each(table)('$name', ({ given, expected }) => {
    expect(routes(given, ['x.localhost'])).toEqual([expected]);
  });

  test('their hosts are known', () => {
    const given = [
      object('HTTPRoute', { hostnames: ['a.x'] }),
      object('TLSRoute', {}),
      object('IngressRoute', { routes: [{ match: 'Host(`b.x`)' }] }),
      object('Ingress', { rules: [{ host: 'c.x' }, { host: 'c.x' }] }),
    ];
    expect(routedHosts(given)).toEqual(['a.x', '*', 'b.x', 'c.x']);
    expect(isRouted(['*.x'], 'a.x')).toBe(true);
    expect(isRouted(['*.x'], 'x')).toBe(false);
    expect(isRouted(['*'], 'anything')).toBe(true);
  });
});

describe('a certificate of cert-manager', () => {
  const certificate = (spec: object, namespace = 'head-shop'): unknown =>
    routes({ ...object('Certificate', spec, { namespace }), apiVersion: 'cert-manager.io/v1' }, [
      'shop.localhost',
    ])[0]?.['spec'];

  test('is for the hosts of the version', () => {
    expect(certificate({ commonName: 'shop.localhost', dnsNames: ['shop.localhost', '*.example.com'] })).toEqual({
      commonName: 'shop.head.localhost',
      dnsNames: ['shop.head.localhost', '*.example.head.com'],
    });
  });

  test('keeps the names of Services, which were followed before', () => {
    const dnsNames = ['hook', 'hook.head-shop', 'hook.head-shop.svc', '*.db.head-shop.svc.cluster.local'];
    expect(certificate({ commonName: 'hook.head-shop.svc', dnsNames })).toEqual({
      commonName: 'hook.head-shop.svc',
      dnsNames,
    });
  });
});

describe('a kind of another project that has the name of one of Kubernetes', () => {
  test.each([
    ['networking.istio.io/v1', 'Gateway', { servers: [{ hosts: ['shop.localhost'] }] }],
    ['policy.linkerd.io/v1beta3', 'HTTPRoute', { parentRefs: [{ kind: 'Server', name: 'web' }] }],
    ['networking.internal.knative.dev/v1alpha1', 'Ingress', { rules: [{ hosts: ['shop.localhost'] }] }],
  ])('%s %s is left as it is, and said to answer for both versions', (apiVersion, kind, spec) => {
    const given = { ...object(kind, spec), apiVersion };
    expect(routes(given, ['shop.localhost'])).toEqual([given]);
    expect(routedHosts([given])).toEqual([]);
    expect(isForeignRoute(given)).toBe(true);
  });

  test.each([
    ['Host(`shop.localhost`) && PathPrefix(`/`)', false],
    ['PathPrefix(`/api`)', true],
    ['Host(`shop.localhost`) || HostRegexp(`^.+\\.shop\\.localhost$`)', true],
  ])('an IngressRoute with %s may answer for both: %s', (match, expected) => {
    expect(isForeignRoute({ ...object('IngressRoute', { routes: [{ match }] }), apiVersion: 'traefik.io/v1' })).toBe(
      expected,
    );
  });
});
