import { describe, expect, test } from '@jest/globals';
import { parseManifests } from '../../src/cluster/manifests.ts';
import { schemeOf, schemesOfBoth, schemesOfRoutes } from '../../src/cluster/route-schemes.ts';

const ingress = (spec: string, annotations = '{}'): string => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, annotations: ${annotations}}
spec: ${spec}
`;
const RULES = 'rules: [{host: a.localhost}, {host: b.localhost}]';
const GATEWAY = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: g}
spec:
  listeners:
    - {name: http, protocol: HTTP, port: 80}
    - {name: https, protocol: HTTPS, port: 443, hostname: "*.secure.localhost"}
`;
const route = (parent: string, hostnames: string): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r}
spec: {parentRefs: [${parent}], hostnames: ${hostnames}}
`;
const ingressRoute = (more: string): string => `
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {name: r}
spec: {routes: [{match: "Host(\`a.localhost\`)"}], ${more}}
`;

const table: readonly (readonly [name: string, yaml: string, expected: Readonly<Record<string, string>>])[] = [
  ['an Ingress without TLS', ingress(`{${RULES}}`), { 'a.localhost': 'http', 'b.localhost': 'http' }],
  [
    'a host under spec.tls',
    ingress(`{tls: [{hosts: [a.localhost], secretName: x}], ${RULES}}`),
    { 'a.localhost': 'https', 'b.localhost': 'http' },
  ],
  [
    'an entry of spec.tls without hosts',
    ingress(`{tls: [{secretName: x}], ${RULES}}`),
    { 'a.localhost': 'https', 'b.localhost': 'https' },
  ],
  [
    'a wildcard under spec.tls',
    ingress(
      '{tls: [{hosts: ["*.shop.localhost"]}], rules: [{host: "*.shop.localhost"}, {host: cart.shop.localhost}, {host: a.b.shop.localhost}, {host: shop.localhost}]}',
    ),
    {
      'www.shop.localhost': 'https',
      'cart.shop.localhost': 'https',
      'a.b.shop.localhost': 'http',
      'shop.localhost': 'http',
    },
  ],
  [
    'a rule without a host behind TLS',
    ingress('{tls: [{secretName: x}], rules: [{}]}'),
    { localhost: 'https', 'any.example': 'https' },
  ],
  [
    "Traefik's entry point",
    ingress(`{${RULES}}`, '{traefik.ingress.kubernetes.io/router.entrypoints: websecure}'),
    { 'a.localhost': 'https', 'b.localhost': 'https' },
  ],
  [
    "both of Traefik's entry points",
    ingress(`{${RULES}}`, '{traefik.ingress.kubernetes.io/router.entrypoints: "web, websecure"}'),
    { 'a.localhost': 'http' },
  ],
  [
    "TLS in Traefik's annotations",
    ingress(`{${RULES}}`, '{traefik.ingress.kubernetes.io/router.tls: "true"}'),
    { 'a.localhost': 'https' },
  ],
  [
    "no TLS in Traefik's annotations",
    ingress(`{${RULES}}`, '{traefik.ingress.kubernetes.io/router.tls: "false"}'),
    { 'a.localhost': 'http' },
  ],
  ['an IngressRoute with TLS', ingressRoute('tls: {}'), { 'a.localhost': 'https' }],
  ['an IngressRoute without', ingressRoute('entryPoints: [web]'), { 'a.localhost': 'http' }],
  [
    'an HTTPRoute at both listeners',
    `${GATEWAY}---${route('{name: g}', '[a.secure.localhost, b.localhost]')}`,
    { 'a.secure.localhost': 'https', 'b.localhost': 'http' },
  ],
  [
    'an HTTPRoute at the listener for HTTP',
    `${GATEWAY}---${route('{name: g, sectionName: http}', '[a.secure.localhost]')}`,
    { 'a.secure.localhost': 'http' },
  ],
  [
    'an HTTPRoute without hosts at the listener for HTTPS',
    `${GATEWAY}---${route('{name: g, sectionName: https}', '[]')}`,
    { 'x.secure.localhost': 'https' },
  ],
  [
    'two routes of one host, of which one has TLS',
    `${ingress('{rules: [{host: a.localhost}]}')}---${ingress('{tls: [{hosts: [a.localhost]}], rules: []}')}`,
    { 'a.localhost': 'https' },
  ],
];

test.each(table)('%s', (_name, yaml, expected) => {
  const schemes = schemesOfRoutes(parseManifests(yaml));
  expect(Object.fromEntries(Object.keys(expected).map((host) => [host, schemeOf(schemes, host)]))).toEqual(expected);
});

test('a host that no route takes has no scheme', () => {
  expect(schemeOf(schemesOfRoutes(parseManifests(ingress(`{${RULES}}`))), 'c.localhost')).toBeNull();
});

describe('of two versions', () => {
  test('both are asked over HTTPS where one has TLS', () => {
    const head = [
      { host: 'a', scheme: 'https' as const },
      { host: 'b', scheme: 'http' as const },
    ];
    const base = [
      { host: 'a', scheme: 'http' as const },
      { host: 'b', scheme: 'http' as const },
      { host: 'c', scheme: 'https' as const },
    ];
    expect(schemesOfBoth(head, base)).toEqual({
      schemes: [
        { host: 'a', scheme: 'https' },
        { host: 'b', scheme: 'http' },
        { host: 'c', scheme: 'https' },
      ],
      different: ['a'],
    });
  });
});
