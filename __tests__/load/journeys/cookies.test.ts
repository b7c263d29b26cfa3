import { describe, expect, test } from '@jest/globals';
import { cookieIn, Cookies } from '../../../src/load/journeys/cookies.ts';

describe('the cookies of a user', () => {
  test('are sent to their host and path until they are taken back', () => {
    const cookies = new Cookies(() => 0);
    expect(cookies.header('shop.localhost', '/')).toBe('');
    cookies.set('shop.localhost', '/login', ['session=abc; Path=/; HttpOnly', 'cart=1; Path=/cart', 'odd']);
    expect(cookies.header('shop.localhost', '/')).toBe('session=abc; odd');
    expect(cookies.header('shop.localhost', '/cart/items?x=1')).toContain('cart=1');
    expect(cookies.header('other.localhost', '/')).toBe('');
    cookies.set('shop.localhost', '/logout', ['session=; Max-Age=0; Path=/']);
    expect(cookies.header('shop.localhost', '/')).not.toContain('session');
  });

  test('are sent over plain HTTP although they are Secure, and never to another host than may set them', () => {
    const cookies = new Cookies(() => 0);
    cookies.set('shop.localhost', '/', ['a=1; Secure; SameSite=Strict', 'b=2; Domain=evil.example']);
    expect(cookies.header('shop.localhost', '/')).toBe('a=1');
    expect(cookies.header('evil.example', '/')).toBe('');
  });
});

describe('a cookie that expires', () => {
  test.each([
    'Max-Age=10',
    'Expires=Thu, 01 Jan 1970 00:00:10 GMT',
    'Max-Age=10; Expires=Fri, 01 Jan 2100 00:00:00 GMT',
  ])('is sent until then, however often it is used: %s', (attribute) => {
    let ms = 0;
    const cookies = new Cookies(() => ms);
    cookies.set('shop.localhost', '/', [`a=1; ${attribute}`, 'b=2']);
    const sent: string[] = [];
    for (; ms <= 12_000; ms += 3000) sent.push(cookies.header('shop.localhost', '/'));
    expect(sent).toEqual(['a=1; b=2', 'a=1; b=2', 'a=1; b=2', 'a=1; b=2', 'b=2']);
  });

  test('lives on from when it is set again', () => {
    let ms = 0;
    const cookies = new Cookies(() => ms);
    cookies.set('shop.localhost', '/', ['a=1; Max-Age=10']);
    ms = 8000;
    cookies.set('shop.localhost', '/', ['a=2; Max-Age=10']);
    ms = 15_000;
    expect(cookies.header('shop.localhost', '/')).toBe('a=2');
    cookies.set('shop.localhost', '/', ['a=; Max-Age=-1']);
    expect(cookies.header('shop.localhost', '/')).toBe('');
  });
});

test.each([
  ['__Host-id=1; Path=/; Secure', '/a', '__Host-id=1'],
  ['__Host-id=1; Path=/a; Secure', '/a', ''],
  ['__Host-id=1; Path=/; Secure; Domain=shop.localhost', '/a', ''],
  ['__Secure-id=1; Secure', '/a', '__Secure-id=1'],
  ['__Secure-id=1', '/a', ''],
  ['a=1; Path=/a', '/ab', ''],
  ['a=1; Path=/a', '/a/b', 'a=1'],
  ['a=1; SameSite=None; Secure; Partitioned; HttpOnly', '/a', 'a=1'],
  ['a=1; Domain=.shop.localhost', '/a', 'a=1'],
  ['a=1; Domain=localhost', '/a', ''],
  ['a="x y=z"; Path=/', '/a', 'a="x y=z"'],
  ['a=1; Max-Age=99999999999999999999', '/a', 'a=1'],
  ['a=1; Expires=nonsense', '/a', 'a=1'],
])('%s is kept by the rules of browsers', (text, path, header) => {
  const cookies = new Cookies(() => 0);
  cookies.set('shop.localhost', '/a', [text]);
  expect(cookies.header('shop.localhost', path)).toBe(header);
});

test('the last cookie of a name is the one that an answer sets', () => {
  expect(cookieIn(['a=1; Path=/', 'b=2', 'a=3'], 'a')).toBe('3');
  expect(cookieIn(['a=1'], 'c')).toBeUndefined();
});
