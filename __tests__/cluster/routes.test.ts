import { describe, expect, test } from '@jest/globals';
import { parseManifests } from '../../src/cluster/manifests.ts';
import { targetsIn, unaskedPaths } from '../../src/cluster/routes.ts';
import { hostsText } from '../../src/load/requests/targets.ts';

const ingress = (spec: string): string =>
  `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i}\nspec: ${spec}\n`;
const route = (spec: string): string =>
  `apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: r}\nspec: ${spec}\n`;
const rule = (host: string, ...paths: string[]): string =>
  `{${host === '' ? '' : `host: "${host}", `}http: {paths: [${paths.map((path) => `{path: "${path}", pathType: Prefix}`).join(', ')}]}}`;

describe('the addresses of manifests', () => {
  const table = [
    { name: 'one rule', yaml: ingress(`{rules: [${rule('shop.localhost', '/')}]}`), expected: 'shop.localhost' },
    {
      name: 'an Ingress that redirects beside one that does not',
      yaml: `${ingress(`{rules: [${rule('www.shop.localhost', '/')}]}`).replace('{name: i}', '{name: w, annotations: {nginx.ingress.kubernetes.io/permanent-redirect: "https://shop.localhost"}}')}---\n${ingress(`{rules: [${rule('shop.localhost', '/')}]}`)}`,
      expected: 'shop.localhost',
    },
    {
      name: 'an Ingress with the root of its application elsewhere',
      yaml: ingress(`{rules: [${rule('shop.localhost', '/', '/api')}]}`).replace(
        '{name: i}',
        '{name: i, annotations: {nginx.ingress.kubernetes.io/app-root: /ui}}',
      ),
      expected: 'shop.localhost=/ui\nshop.localhost=/api',
    },
    {
      name: 'rules of an HTTPRoute beside one that redirects',
      yaml: route(
        '{hostnames: [shop.localhost], rules: [{filters: [{type: RequestRedirect, requestRedirect: {path: {type: ReplaceFullPath, replaceFullPath: /shop}}}]}, {matches: [{path: {value: /shop}}]}]}',
      ),
      expected: 'shop.localhost=/shop',
    },
    {
      name: 'an HTTPRoute that redirects to HTTPS alone',
      yaml: route(
        '{hostnames: [shop.localhost], rules: [{filters: [{type: RequestRedirect, requestRedirect: {scheme: https}}]}]}',
      ),
      expected: '',
    },
    {
      name: 'a rule with the root among its paths',
      yaml: ingress(`{rules: [${rule('shop.localhost', '/cart', '/')}]}`),
      expected: 'shop.localhost',
    },
    {
      name: 'a rule with other prefixes only',
      yaml: ingress(`{rules: [${rule('shop.localhost', '/cart', '/pay')}]}`),
      expected: 'shop.localhost=/cart\nshop.localhost=/pay',
    },
    {
      name: 'several rules',
      yaml: ingress(`{rules: [${rule('b.localhost', '/')}, ${rule('a.localhost', '/x')}]}`),
      expected: 'b.localhost\na.localhost=/x',
    },
    {
      name: 'the root of a host in another Ingress',
      yaml: `${ingress(`{rules: [${rule('a.localhost', '/x')}]}`)}---\n${ingress(`{rules: [${rule('a.localhost', '/')}]}`)}`,
      expected: 'a.localhost',
    },
    {
      name: 'a wildcard',
      yaml: ingress(`{rules: [${rule('*.shop.localhost', '/')}]}`),
      expected: 'www.shop.localhost',
    },
    { name: 'a rule without a host', yaml: ingress(`{rules: [${rule('', '/api')}]}`), expected: 'localhost=/api' },
    { name: 'a rule without paths', yaml: ingress('{rules: [{host: a.localhost}]}'), expected: 'a.localhost' },
    {
      name: 'a path that is not given',
      yaml: ingress('{rules: [{host: a.localhost, http: {paths: [{pathType: ImplementationSpecific}]}}]}'),
      expected: 'a.localhost',
    },
    { name: 'only a default backend', yaml: ingress('{defaultBackend: {service: {name: s}}}'), expected: 'localhost' },
    {
      name: 'a pattern after a prefix',
      yaml: ingress(`{rules: [${rule('a.localhost', '/api(/|$)(.*)')}]}`),
      expected: 'a.localhost=/api',
    },
    {
      name: 'a pattern that is all',
      yaml: ingress(`{rules: [${rule('a.localhost', '/(.*)')}]}`),
      expected: 'a.localhost',
    },
    { name: 'a star', yaml: ingress(`{rules: [${rule('a.localhost', '/foo/*')}]}`), expected: 'a.localhost=/foo/' },
    {
      name: 'a path that no request can hold',
      yaml: ingress(`{rules: [${rule('a.localhost', '/a b', '/c')}]}`),
      expected: 'a.localhost=/c',
    },
    {
      name: 'an Ingress of before',
      yaml: ingress(`{rules: [${rule('a.localhost', '/')}]}`).replace('networking.k8s.io/v1', 'extensions/v1beta1'),
      expected: 'a.localhost',
    },
    {
      name: 'patterns as people write them',
      yaml: ingress(
        `{rules: [${rule('a.localhost', '/api/.*')}, ${rule('b.localhost', '/api/v1/users/[0-9]+')}, ${rule('c.localhost', '/(api|web)/.*')}]}`,
      ),
      expected: 'a.localhost=/api/\nb.localhost=/api/v1/users/1\nc.localhost=/api/',
    },
    {
      name: 'a plus sign in a text',
      yaml: ingress(`{rules: [${rule('a.localhost', '/c++')}]}`),
      expected: 'a.localhost=/c++',
    },
    {
      name: 'a pattern that nothing is known to match',
      yaml: ingress(`{rules: [${rule('a.localhost', '/(a|b)\\\\1', '/c')}]}`),
      expected: 'a.localhost=/c',
    },
    { name: 'an Ingress without anything', yaml: ingress('{}'), expected: '' },
    {
      name: 'no Ingress',
      yaml: 'apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {rules: [{host: a}]}\n',
      expected: '',
    },
    {
      name: 'a route with two hosts',
      yaml: route(
        '{hostnames: [a.localhost, "*.b.localhost"], rules: [{matches: [{path: {type: PathPrefix, value: /}}]}]}',
      ),
      expected: 'a.localhost\nwww.b.localhost',
    },
    { name: 'a route without a host or a rule', yaml: route('{}'), expected: 'localhost' },
    {
      name: 'a route with a prefix',
      yaml: route(
        '{hostnames: [a.localhost], rules: [{matches: [{path: {value: /login}}]}, {matches: [{path: {type: Exact, value: /out}}]}]}',
      ),
      expected: 'a.localhost=/login\na.localhost=/out',
    },
    {
      name: 'a rule of a route without a match',
      yaml: route('{hostnames: [a.localhost], rules: [{backendRefs: [{name: s}]}]}'),
      expected: 'a.localhost',
    },
    {
      name: 'a route of which only some matches fit a GET',
      yaml: route(
        '{hostnames: [a.localhost], rules: [{matches: [{method: POST}, {headers: [{name: a, value: b}]}, {queryParams: [{name: a, value: b}]}, {path: {type: RegularExpression, value: "/x.*"}}, {method: GET, path: {value: /ok}}]}]}',
      ),
      expected: 'a.localhost=/x\na.localhost=/ok',
    },
  ];
  test.each(table)('$name', ({ yaml, expected }) => {
    expect(hostsText(targetsIn(parseManifests(yaml)))).toBe(expected);
  });
});

describe('the hosts of a route', () => {
  const gateway = (...listeners: string[]): string =>
    `apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: g, namespace: infra}\nspec: {listeners: [${listeners.join(', ')}]}\n`;
  const HTTP = '{name: http, protocol: HTTP, port: 80, hostname: shop.localhost}';
  const WILD = '{name: wild, protocol: HTTP, port: 81, hostname: "*.wild.localhost"}';
  const ANY = '{name: any, protocol: HTTP, port: 82}';
  const PARENT = 'parentRefs: [{name: g, namespace: infra}]';
  const table = [
    { name: 'are those of its listener', listeners: [HTTP], spec: `{${PARENT}}`, expected: 'shop.localhost' },
    {
      name: 'of all of them',
      listeners: [HTTP, WILD],
      spec: `{${PARENT}}`,
      expected: 'shop.localhost\nwww.wild.localhost',
    },
    { name: 'any, where one takes every host', listeners: [ANY], spec: `{${PARENT}}`, expected: 'localhost' },
    {
      name: 'of the one that it names',
      listeners: [HTTP, WILD],
      spec: '{parentRefs: [{name: g, namespace: infra, sectionName: wild}]}',
      expected: 'www.wild.localhost',
    },
    {
      name: 'of the one at its port',
      listeners: [HTTP, ANY],
      spec: '{parentRefs: [{name: g, namespace: infra, port: 80}]}',
      expected: 'shop.localhost',
    },
    {
      name: 'what its own have in common with them',
      listeners: [WILD, HTTP],
      spec: `{${PARENT}, hostnames: ["*.localhost", a.wild.localhost, b.c.localhost]}`,
      expected: 'www.wild.localhost\na.wild.localhost\nshop.localhost',
    },
    {
      name: 'its own, where they have nothing in common',
      listeners: [HTTP],
      spec: `{${PARENT}, hostnames: [x.localhost]}`,
      expected: 'x.localhost',
    },
    {
      name: 'its own, where its Gateway is not known',
      listeners: [HTTP],
      spec: '{parentRefs: [{name: other}], hostnames: [x.localhost]}',
      expected: 'x.localhost',
    },
    {
      name: 'not those of a Gateway of that name elsewhere',
      listeners: [HTTP],
      spec: '{parentRefs: [{name: g}]}',
      expected: 'localhost',
    },
    {
      name: 'not those of a listener for other protocols',
      listeners: ['{name: t, protocol: TCP, port: 80, hostname: t.localhost}'],
      spec: `{${PARENT}}`,
      expected: 'localhost',
    },
  ];
  test.each(table)('$name', ({ listeners, spec, expected }) => {
    const around = parseManifests(gateway(...listeners));
    expect(hostsText(targetsIn(parseManifests(route(spec)), around))).toBe(expected);
  });
});

describe('paths that nothing is known to ask for', () => {
  const STRANGE = '/(a|b)\\\\1';
  const table = [
    {
      name: 'of an Ingress',
      yaml: ingress(`{rules: [${rule('a.localhost', STRANGE, '/c')}]}`),
      expected: ['a.localhost /(a|b)\\1'],
    },
    {
      name: 'of a route',
      yaml: route(
        `{hostnames: [a.localhost], rules: [{matches: [{path: {type: RegularExpression, value: '/(a|b)\\1'}}]}]}`,
      ),
      expected: ['a.localhost /(a|b)\\1'],
    },
    {
      name: 'but not where the root is asked',
      yaml: ingress(`{rules: [${rule('a.localhost', STRANGE, '/')}]}`),
      expected: [],
    },
    {
      name: 'nor patterns with a known text',
      yaml: ingress(`{rules: [${rule('a.localhost', '/a.*')}]}`),
      expected: [],
    },
  ];
  test.each(table)('$name', ({ yaml, expected }) => {
    expect(unaskedPaths(parseManifests(yaml)).map(({ host, path }) => `${host} ${path}`)).toEqual(expected);
  });
});
