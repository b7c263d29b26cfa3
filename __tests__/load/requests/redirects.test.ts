import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { differsBySlash, type Lead, leadOf, looksLikeLogin } from '../../../src/load/requests/redirects.ts';
import { afterRedirects } from '../../../src/load/requests/targets.ts';
import { parseScenario } from '../../../src/load/requests/scenario.ts';

const asked = {
  host: 'shop.head.localhost',
  scheme: 'http' as const,
  path: '/a/b?c=1',
  otherNames: ['shop.localhost'],
  ports: { http: [8080], https: [] },
};

const table: readonly (readonly [string | null, Lead])[] = [
  // Of the same host, in every way to say so.
  ['/login', { kind: 'same-host', scheme: 'http', path: '/login' }],
  ['login?next=%2F', { kind: 'same-host', scheme: 'http', path: '/a/login?next=%2F' }],
  ['../up', { kind: 'same-host', scheme: 'http', path: '/up' }],
  ['?c=2', { kind: 'same-host', scheme: 'http', path: '/a/b?c=2' }],
  ['#top', { kind: 'same-host', scheme: 'http', path: '/a/b?c=1' }],
  ['', { kind: 'same-host', scheme: 'http', path: '/a/b?c=1' }],
  ['/a/b/?c=1', { kind: 'same-host', scheme: 'http', path: '/a/b/?c=1' }],
  ['//shop.head.localhost/x', { kind: 'same-host', scheme: 'http', path: '/x' }],
  ['http://shop.head.localhost', { kind: 'same-host', scheme: 'http', path: '/' }],
  ['HTTP://SHOP.Head.LocalHost/X', { kind: 'same-host', scheme: 'http', path: '/X' }],
  ['http://shop.head.localhost./x', { kind: 'same-host', scheme: 'http', path: '/x' }],
  ['http://shop.head.localhost:80/x', { kind: 'same-host', scheme: 'http', path: '/x' }],
  ['http://shop.head.localhost:8080/x', { kind: 'same-host', scheme: 'http', path: '/x' }],
  ['/ä b', { kind: 'same-host', scheme: 'http', path: '/%C3%A4%20b' }],
  // The application knows itself by the name that its manifests have.
  ['http://shop.localhost/x#y', { kind: 'same-host', scheme: 'http', path: '/x' }],
  // HTTPS, at whatever port.
  ['https://shop.head.localhost/a/b?c=1', { kind: 'https', url: 'https://shop.head.localhost/a/b?c=1' }],
  ['https://shop.localhost:8443/', { kind: 'https', url: 'https://shop.localhost:8443/' }],
  ['HTTPS://SHOP.LOCALHOST', { kind: 'https', url: 'https://shop.localhost/' }],
  // A port that nothing leads to.
  ['http://shop.localhost:3000/x', { kind: 'other-port', url: 'http://shop.localhost:3000/x', path: '/x' }],
  // Others.
  [
    'http://www.shop.localhost/x?y',
    {
      kind: 'other-host',
      url: 'http://www.shop.localhost/x?y',
      host: 'www.shop.localhost',
      scheme: 'http',
      path: '/x?y',
    },
  ],
  [
    '//other.localhost',
    { kind: 'other-host', url: 'http://other.localhost/', host: 'other.localhost', scheme: 'http', path: '/' },
  ],
  [
    'https://example.com',
    { kind: 'other-host', url: 'https://example.com/', host: 'example.com', scheme: 'https', path: '/' },
  ],
  ['http://localhost/', { kind: 'other-host', url: 'http://localhost/', host: 'localhost', scheme: 'http', path: '/' }],
  // Nothing to follow.
  [null, { kind: 'nowhere' }],
  ['http://', { kind: 'nowhere' }],
  ['mailto:a@b.c', { kind: 'nowhere' }],
  ['javascript:alert(1)', { kind: 'nowhere' }],
];

test.each(table)('Location %j leads to %j', (location, lead) => {
  expect(leadOf({ ...asked, location })).toEqual(lead);
});

const secure: readonly (readonly [scheme: 'http' | 'https', location: string, lead: Lead])[] = [
  ['http', 'https://shop.localhost/a', { kind: 'same-host', scheme: 'https', path: '/a' }],
  ['http', 'https://shop.localhost:8443/a', { kind: 'same-host', scheme: 'https', path: '/a' }],
  ['http', 'https://shop.localhost:443/a', { kind: 'same-host', scheme: 'https', path: '/a' }],
  ['http', 'https://shop.localhost:9443/a', { kind: 'other-port', url: 'https://shop.localhost:9443/a', path: '/a' }],
  ['https', '/a', { kind: 'same-host', scheme: 'https', path: '/a' }],
  ['https', '//shop.localhost/a', { kind: 'same-host', scheme: 'https', path: '/a' }],
  ['https', 'http://shop.localhost/a', { kind: 'same-host', scheme: 'http', path: '/a' }],
  ['https', 'http://shop.localhost:8443/a', { kind: 'other-port', url: 'http://shop.localhost:8443/a', path: '/a' }],
];

test.each(secure)('where HTTPS has a port, a %s request with Location %s is led there', (scheme, location, lead) => {
  expect(leadOf({ ...asked, scheme, location, ports: { http: [8080], https: [8443] } })).toEqual(lead);
});

test('no Location makes it throw, and what it says of the same host can be requested as it is', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.webUrl(), fc.webPath()), (location) => {
      const lead = leadOf({ ...asked, location });
      if (lead.kind === 'same-host') expect(lead.path).toMatch(/^\/[!"$-~]*$/);
    }),
  );
});

test.each([
  ['/app', '/app/', true],
  ['/app?x=1', '/app/?x=1', true],
  ['/app', '/app', false],
  ['/', '/login', false],
  ['/app', '/app/?x=1', false],
])('%s and %s differ by a slash alone: %p', (from, to, expected) => {
  expect(differsBySlash(from, to)).toBe(expected);
});

test.each([
  '/login',
  '/Login.jsp',
  '/users/sign_in',
  '/auth/realms/x',
  '/oauth2/start?rd=/',
  '/sso',
  '/accounts/log-in',
])('%s is looks like a login page', (path) => {
  expect(looksLikeLogin(path)).toBe(true);
});

test.each(['/', '/author', '/blog/ins', '/catalogue', '/x?next=/login'])('%s is none', (path) => {
  expect(looksLikeLogin(path)).toBe(false);
});

test('a path that was redirected is loaded under its new name, and nothing else is', () => {
  const redirects = [{ host: 'a.localhost', from: '/', to: '/login', status: 302 }];
  expect(
    afterRedirects(
      [
        { host: 'a.localhost', path: '/', expectedText: 'x' },
        { host: 'a.localhost', path: '/other' },
        { host: 'b.localhost', path: '/' },
      ],
      redirects,
    ),
  ).toEqual([
    { host: 'a.localhost', path: '/login', expectedText: 'x' },
    { host: 'a.localhost', path: '/other' },
    { host: 'b.localhost', path: '/' },
  ]);
  const { targets } = parseScenario(
    'requests:\n  - {name: front, host: a.localhost, headers: {x: y}}\n  - {name: send, host: a.localhost, method: POST}\n',
  );
  const [front, send] = afterRedirects(
    targets.map((target) => ({ ...target, host: target.host ?? '' })),
    redirects,
  );
  expect(front).toMatchObject({
    name: 'front',
    path: '/login',
    content: { path: ['/login'], headers: [['x', ['y']]] },
  });
  expect(send).toMatchObject({ name: 'send', path: '/', content: { path: ['/'] } });
});

test('a redirect to HTTPS holds for what it was seen of, and for requests that nobody asks before a load', () => {
  const toHttps = [{ host: 'a.localhost', from: '/', to: '/', status: 308, toScheme: 'https' as const }];
  const { targets } = parseScenario(
    'requests:\n  - {name: front, host: a.localhost}\n  - {name: send, host: a.localhost, method: POST, path: /x}\n  - {name: plain, host: a.localhost, path: /plain}\n  - {name: of-another, host: b.localhost, method: POST}\n',
  );
  expect(
    afterRedirects(
      targets.map((target) => ({ ...target, host: target.host ?? '' })),
      toHttps,
    ).map(({ scheme, path }) => [scheme, path]),
  ).toEqual([
    ['https', '/'],
    ['https', '/x'],
    [undefined, '/plain'],
    [undefined, '/'],
  ]);
  const further = [{ host: 'a.localhost', from: '/', to: '/login', status: 302, fromScheme: 'https' as const }];
  expect(
    afterRedirects(
      [
        { host: 'a.localhost', path: '/' },
        { host: 'a.localhost', path: '/', scheme: 'https' },
      ],
      further,
    ),
  ).toEqual([
    { host: 'a.localhost', path: '/' },
    { host: 'a.localhost', path: '/login', scheme: 'https' },
  ]);
});
