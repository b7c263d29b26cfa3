import { describe, expect, test } from '@jest/globals';
import { servedByTraefik } from '../../src/cluster/gateways.ts';
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
    expect(servedByTraefik(objects)).toEqual({ objects, changes: [] });
  });

  test('gets the Gateway that its routes refer to and nobody brings, once', () => {
    const objects = [route({ name: 'public', sectionName: 'web' }), route({ name: 'public' })];
    const served = servedByTraefik(objects);
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
    expect(servedByTraefik(objects)).toEqual({ objects, changes: [] });
  });

  test('gets the class of its Gateway, and listeners at the ports of Traefik', () => {
    const listeners = [
      { name: 'http', protocol: 'HTTP', port: 8080 },
      { name: 'https', protocol: 'HTTPS', port: 443 },
      { name: 'tcp', protocol: 'TCP', port: 9000 },
    ];
    const served = servedByTraefik([object('Gateway', 'public', { gatewayClassName: 'eg', listeners })]);
    expect(served.changes).toEqual([
      'Listener http of Gateway public has the port 8080, and Traefik serves it at 80.',
      'Gateway public has the class eg, which the run made for Traefik.',
    ]);
    expect(served.objects).toMatchObject([
      { kind: 'GatewayClass', metadata: { name: 'eg' }, spec: { controllerName: 'traefik.io/gateway-controller' } },
      { kind: 'Gateway', spec: { gatewayClassName: 'eg', listeners: [{ port: 80 }, { port: 443 }, { port: 9000 }] } },
    ]);
  });

  test('has its own GatewayClass served by Traefik', () => {
    const served = servedByTraefik([object('GatewayClass', 'eg', { controllerName: 'gateway.envoyproxy.io/x' })]);
    expect(served.objects).toMatchObject([{ spec: { controllerName: 'traefik.io/gateway-controller' } }]);
    expect(served.changes).toEqual([
      'GatewayClass eg names the controller gateway.envoyproxy.io/x, and Traefik takes its place.',
    ]);
  });
});
