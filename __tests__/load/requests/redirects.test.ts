import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { differsBySlash, type Lead, leadOf, looksLikeLogin } from '../../../src/load/requests/redirects.ts';
import { afterRedirects } from '../../../src/load/requests/targets.ts';
import { parseScenario } from '../../../src/load/requests/scenario.ts';

const asked = { host: 'shop.head.localhost', path: '/a/b?c=1', otherNames: ['shop.localhost'], ports: [8080] };

const table: readonly (readonly [string | null, Lead])[] = [
  // Of the same host, in every way to say so.
  ['/login', { kind: 'same-host', path: '/login' }],
  ['login?next=%2F', { kind: 'same-host', path: '/a/login?next=%2F' }],
  ['../up', { kind: 'same-host', path: '/up' }],
  ['?c=2', { kind: 'same-host', path: '/a/b?c=2' }],
  ['#top', { kind: 'same-host', path: '/a/b?c=1' }],
  ['', { kind: 'same-host', path: '/a/b?c=1' }],
  ['/a/b/?c=1', { kind: 'same-host', path: '/a/b/?c=1' }],
  ['//shop.head.localhost/x', { kind: 'same-host', path: '/x' }],
  ['http://shop.head.localhost', { kind: 'same-host', path: '/' }],
  ['HTTP://SHOP.Head.LocalHost/X', { kind: 'same-host', path: '/X' }],
  ['http://shop.head.localhost./x', { kind: 'same-host', path: '/x' }],
  ['http://shop.head.localhost:80/x', { kind: 'same-host', path: '/x' }],
  ['http://shop.head.localhost:8080/x', { kind: 'same-host', path: '/x' }],
  ['/ä b', { kind: 'same-host', path: '/%C3%A4%20b' }],
  // The application knows itself by the name that its manifests have.
  ['http://shop.localhost/x#y', { kind: 'same-host', path: '/x' }],
  // HTTPS, at whatever port.
  ['https://shop.head.localhost/a/b?c=1', { kind: 'https', url: 'https://shop.head.localhost/a/b?c=1' }],
  ['https://shop.localhost:8443/', { kind: 'https', url: 'https://shop.localhost:8443/' }],
  ['HTTPS://SHOP.LOCALHOST', { kind: 'https', url: 'https://shop.localhost/' }],
  // A port that nothing leads to.
  ['http://shop.localhost:3000/x', { kind: 'other-port', url: 'http://shop.localhost:3000/x', path: '/x' }],
  // Others.
  [
    'http://www.shop.localhost/x?y',
    { kind: 'other-host', url: 'http://www.shop.localhost/x?y', host: 'www.shop.localhost', path: '/x?y' },
  ],
  ['//other.localhost', { kind: 'other-host', url: 'http://other.localhost/', host: 'other.localhost', path: '/' }],
  ['https://example.com', { kind: 'other-host', url: 'https://example.com/', host: 'example.com', path: '/' }],
  ['http://localhost/', { kind: 'other-host', url: 'http://localhost/', host: 'localhost', path: '/' }],
  // Nothing to follow.
  [null, { kind: 'nowhere' }],
  ['http://', { kind: 'nowhere' }],
  ['mailto:a@b.c', { kind: 'nowhere' }],
  ['javascript:alert(1)', { kind: 'nowhere' }],
];

test.each(table)('Location %j leads to %j', (location, lead) => {
  expect(leadOf({ ...asked, location })).toEqual(lead);
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
])('%s is a login page by its name', (path) => {
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
