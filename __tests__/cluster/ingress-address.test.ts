import { describe, expect, test } from '@jest/globals';
import { nodeAddress, observeAddress, parseAddress, parseExposed } from '../../src/cluster/ingress-address.ts';
import { endpointText } from '../../src/model/endpoint.ts';
import { list } from '../fakes/kubernetes.ts';

describe('an address as an input gives it', () => {
  const table = [
    { text: '10.0.0.5', expected: { address: '10.0.0.5', port: 80 } },
    { text: 'lb.example.com:8080', expected: { address: 'lb.example.com', port: 8080 } },
    { text: '[2001:db8::1]:81', expected: { address: '2001:db8::1', port: 81 } },
    { text: '[::1]', expected: { address: '::1', port: 80 } },
  ];
  test.each(table)('$text', ({ text, expected }) => {
    expect(parseAddress(text)).toEqual(expected);
    expect(parseAddress(endpointText(expected))).toEqual(expected);
  });

  test.each(['', 'http://a', 'a/b', 'a:', 'a:0', 'a:65536', '2001:db8::1', '-a', 'a b', 'a.', 'user@a'])(
    '%j is none',
    (text) => {
      expect(parseAddress(text)).toBeNull();
    },
  );
});

const ingress = (...entries: readonly object[]): object => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'shop' },
  spec: { rules: [] },
  status: { loadBalancer: { ingress: entries } },
});
const service = (type: string, port: object | readonly object[], ...entries: readonly object[]): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'shop' },
  spec: { type, ports: [port].flat() },
  status: { loadBalancer: { ingress: entries } },
});
const CLUSTER_IP = service('ClusterIP', { port: 80 });
const observe = (...objects: readonly object[]): unknown => observeAddress(parseExposed(list(...objects)));
const ready = (value: object): object => ({ ready: true, value });

describe('where an application can be reached', () => {
  const table = [
    {
      name: 'the address in an Ingress',
      objects: [CLUSTER_IP, ingress({ ip: '192.0.2.7' })],
      expected: ready({ address: '192.0.2.7', port: 80, httpsPort: 443 }),
    },
    {
      name: 'the name in an Ingress',
      objects: [ingress({ hostname: 'lb.example.com' })],
      expected: ready({ address: 'lb.example.com', port: 80, httpsPort: 443 }),
    },
    {
      name: 'the Ingress before a load balancer',
      objects: [service('LoadBalancer', { port: 81 }, { ip: '192.0.2.8' }), ingress({ ip: '192.0.2.7' })],
      expected: ready({ address: '192.0.2.7', port: 80, httpsPort: 443 }),
    },
    {
      name: 'a load balancer of its own',
      objects: [service('LoadBalancer', { port: 8080, nodePort: 30_001 }, { ip: '192.0.2.8' })],
      expected: ready({ address: '192.0.2.8', port: 8080, httpsPort: null }),
    },
    {
      name: 'a load balancer with HTTPS',
      objects: [
        service(
          'LoadBalancer',
          [
            { name: 'https', port: 8443 },
            { name: 'web', port: 8080 },
          ],
          { ip: '192.0.2.8' },
        ),
      ],
      expected: ready({ address: '192.0.2.8', port: 8080, httpsPort: 8443 }),
    },
    {
      name: 'ports of every node for both',
      objects: [
        service('NodePort', [
          { port: 80, nodePort: 30_080 },
          { port: 443, nodePort: 30_443 },
        ]),
      ],
      expected: ready({ nodePort: 30_080, httpsNodePort: 30_443 }),
    },
    {
      name: 'a port of every node',
      objects: [service('NodePort', { port: 80, nodePort: 30_080 })],
      expected: ready({ nodePort: 30_080, httpsNodePort: null }),
    },
  ];
  test.each(table)('$name', ({ objects, expected }) => {
    expect(observe(...objects)).toEqual(expected);
  });

  const waiting = [
    {
      name: 'an Ingress that no controller took up',
      objects: [ingress(), service('NodePort', { port: 80, nodePort: 30_080 })],
      why: 'no controller has set an address on Ingress shop',
    },
    {
      name: 'a load balancer that is on its way',
      objects: [service('LoadBalancer', { port: 80, nodePort: 30_080 })],
      why: 'Service shop has no load balancer address yet',
    },
    {
      name: 'nothing',
      objects: [CLUSTER_IP],
      why: 'there is no Ingress, and no Service of type LoadBalancer or NodePort',
    },
  ];
  test.each(waiting)('is not known yet with $name', ({ objects, why }) => {
    expect(observe(...objects)).toEqual({ ready: false, why });
  });

  test('a Service of a real cluster that has no status', () => {
    expect(observe({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' }, spec: {}, status: {} })).toMatchObject(
      { ready: false },
    );
  });
});

describe('the address of a node', () => {
  const node = (...addresses: readonly object[]): object => ({
    kind: 'Node',
    metadata: { name: 'a' },
    status: { addresses },
  });
  const internal = { type: 'InternalIP', address: '10.0.0.1' };

  test('is the one for outsiders, else the internal one', () => {
    expect(
      nodeAddress(
        list(node({ type: 'Hostname', address: 'a' }, internal, { type: 'ExternalIP', address: '192.0.2.1' })),
      ),
    ).toBe('192.0.2.1');
    expect(nodeAddress(list(node({ type: 'Hostname', address: 'a' }, internal)))).toBe('10.0.0.1');
    expect(nodeAddress(list(node()))).toBeNull();
    expect(nodeAddress(list())).toBeNull();
  });
});
