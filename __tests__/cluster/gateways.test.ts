import { describe, expect, test } from '@jest/globals';
import { servedByTraefik, withSecureListeners } from '../../src/cluster/gateways.ts';
import type { KubernetesObject } from '../../src/cluster/manifests.ts';

const API = 'gateway.networking.k8s.io/v1';
const object = (kind: string, name: string, spec: object, namespace = 'shop'): KubernetesObject => ({
  apiVersion: API,
  kind,
  metadata: { name, namespace },
  spec,
});
const route = (...parentRefs: object[]): KubernetesObject => object('HTTPRoute', 'web', { parentRefs });

describe('an application as the bundled Traefik serves it', () => {
  test('is left as it is when it refers to the bundled Gateway', () => {
    const objects = [route({ name: 'traefik', namespace: 'traefik' })];
    expect(servedByTraefik(objects, [])).toEqual({ objects, changes: [] });
  });

  test('gets the Gateway that its routes refer to and nobody brings, once', () => {
    const objects = [route({ name: 'public', sectionName: 'web' }), route({ name: 'public' })];
    const served = servedByTraefik(objects, []);
    expect(served.changes).toEqual(['HTTPRoute web refers to Gateway shop/public, which the run made.']);
    expect(served.objects.filter(({ kind }) => kind === 'Gateway')).toMatchObject([
      {
        metadata: { name: 'public', namespace: 'shop' },
        spec: { gatewayClassName: 'traefik', listeners: [{ name: 'web', protocol: 'HTTP', port: 80 }] },
      },
    ]);
  });

  test('does not get one for a parent of another kind', () => {
    const objects = [route({ name: 'mesh', kind: 'Service' })];
    expect(servedByTraefik(objects, [])).toEqual({ objects, changes: [] });
  });

  test('gets the class of its Gateway, and listeners at the ports of Traefik', () => {
    const listeners = [
      { name: 'http', protocol: 'HTTP', port: 8080 },
      { name: 'https', protocol: 'HTTPS', port: 443 },
      { name: 'tcp', protocol: 'TCP', port: 9000 },
    ];
    const served = servedByTraefik([object('Gateway', 'public', { gatewayClassName: 'eg', listeners })], []);
    expect(served.changes).toEqual([
      'Listener http of Gateway public has port 8080; Traefik serves it on 80.',
      'Gateway public has the class eg, which the run made for Traefik.',
    ]);
    expect(served.objects).toMatchObject([
      { kind: 'GatewayClass', metadata: { name: 'eg' }, spec: { controllerName: 'traefik.io/gateway-controller' } },
      { kind: 'Gateway', spec: { gatewayClassName: 'eg', listeners: [{ port: 80 }, { port: 443 }, { port: 9000 }] } },
    ]);
  });

  test('has two listeners that Traefik serves at one port as one, and its routes there', () => {
    const gateway = object('Gateway', 'public', {
      gatewayClassName: 'traefik',
      listeners: [
        { name: 'a', protocol: 'HTTP', port: 80 },
        { name: 'b', protocol: 'HTTP', port: 8080 },
        { name: 'c', protocol: 'HTTP', port: 8080, hostname: 'c.localhost' },
      ],
    });
    const parents = [
      { name: 'public', sectionName: 'b', port: 8080 },
      { name: 'public', sectionName: 'c' },
      { name: 'traefik', namespace: 'traefik', port: 80 },
    ];
    const served = servedByTraefik([gateway, route(...parents)], []);
    expect(served.changes).toEqual([
      'Listener b of Gateway public has port 8080; Traefik serves it on 80, as listener a.',
      'Listener c of Gateway public has port 8080; Traefik serves it on 80.',
    ]);
    expect(served.objects.map(({ spec }) => spec)).toMatchObject([
      { listeners: [{ name: 'a' }, { name: 'c', port: 80 }] },
      {
        parentRefs: [
          { name: 'public', sectionName: 'a' },
          { name: 'public', sectionName: 'c' },
          { name: 'traefik', namespace: 'traefik', port: 80 },
        ],
      },
    ]);
    expect(JSON.stringify(served.objects)).not.toContain('8080');
  });

  test('has its own GatewayClass served by Traefik', () => {
    const served = servedByTraefik([object('GatewayClass', 'eg', { controllerName: 'gateway.envoyproxy.io/x' })], []);
    expect(served.objects).toMatchObject([{ spec: { controllerName: 'traefik.io/gateway-controller' } }]);
    expect(served.changes).toEqual([
      'GatewayClass eg names the controller gateway.envoyproxy.io/x; Traefik takes its place.',
    ]);
  });
});

describe('a Gateway that the run makes', () => {
  const web = (hostnames: string[], ...parentRefs: object[]): KubernetesObject =>
    object('HTTPRoute', 'web', { parentRefs, hostnames });
  const listeners = (secureHosts: string[], ...routes: KubernetesObject[]): unknown => {
    const made = servedByTraefik(routes, secureHosts).objects.find(({ kind }) => kind === 'Gateway');
    return (made?.['spec'] as { listeners: Record<string, unknown>[] }).listeners.map(
      ({ name, protocol, port, hostname, tls }) => ({
        name,
        at: `${String(protocol)} ${String(port)}`,
        ...(hostname === undefined ? {} : { hostname }),
        ...(tls === undefined
          ? {}
          : { secret: (tls as { certificateRefs: [{ name: string }] }).certificateRefs[0].name }),
      }),
    );
  };
  const HTTP = { name: 'http', at: 'HTTP 80' };
  const secure = (name: string, hostname?: string): object => ({
    name,
    at: 'HTTPS 443',
    ...(hostname === undefined ? {} : { hostname }),
    secret: 'public-tls',
  });

  test.each([
    { name: 'takes HTTP alone when nothing says more', hosts: [], parent: {}, expected: [HTTP] },
    {
      name: 'takes HTTPS for each host that is asked over it',
      hosts: ['a.localhost', 'other.localhost'],
      parent: {},
      expected: [HTTP, secure('https-1', 'a.localhost')],
    },
    {
      name: 'takes HTTPS where a route names the port',
      hosts: [],
      parent: { port: 443 },
      expected: [HTTP, secure('https')],
    },
    {
      name: 'takes HTTPS where a route names a listener of that name',
      hosts: [],
      parent: { sectionName: 'websecure' },
      expected: [secure('websecure')],
    },
    {
      name: 'takes HTTPS at the one listener of a route that is asked over it',
      hosts: ['a.localhost'],
      parent: { sectionName: 'public' },
      expected: [secure('public')],
    },
  ])('$name', ({ hosts, parent, expected }) => {
    expect(listeners(hosts, web(['a.localhost', '*.b.localhost'], { name: 'public', ...parent }))).toEqual(expected);
  });

  test('has the listeners of all of its routes, with wildcards', () => {
    expect(
      listeners(
        ['www.b.localhost'],
        web(['a.localhost'], { name: 'public', sectionName: 'http' }),
        web(['*.b.localhost'], { name: 'public', sectionName: 'https' }),
      ),
    ).toEqual([HTTP, secure('https')]);
  });
});

test('two listeners of a port that the run makes differ in their host', () => {
  const of = (sectionName: string, host: string): KubernetesObject =>
    object('HTTPRoute', host, { parentRefs: [{ name: 'public', sectionName }], hostnames: [host] });
  const made = servedByTraefik(
    [of('a-https', 'a.localhost'), of('b-https', 'b.localhost'), of('web', 'c.localhost')],
    [],
  );
  expect(made.objects.find(({ kind }) => kind === 'Gateway')).toMatchObject({
    spec: {
      listeners: [
        { name: 'a-https', protocol: 'HTTPS', hostname: 'a.localhost' },
        { name: 'b-https', protocol: 'HTTPS', hostname: 'b.localhost' },
        { name: 'web', protocol: 'HTTP' },
      ],
    },
  });
});

test('the bundled Gateway takes HTTPS for each host that is asked over it', () => {
  const bundled = object(
    'Gateway',
    'traefik',
    { listeners: [{ name: 'http', protocol: 'HTTP', port: 80 }] },
    'traefik',
  );
  expect(withSecureListeners([bundled], [])).toEqual([bundled]);
  expect(withSecureListeners([bundled, route()], ['a.localhost', 'b.localhost'])).toMatchObject([
    {
      spec: {
        listeners: [
          { name: 'http' },
          {
            name: 'https-1',
            protocol: 'HTTPS',
            port: 443,
            hostname: 'a.localhost',
            tls: { certificateRefs: [{ name: 'traefik-tls' }] },
          },
          { name: 'https-2', hostname: 'b.localhost' },
        ],
      },
    },
    route(),
  ]);
});
