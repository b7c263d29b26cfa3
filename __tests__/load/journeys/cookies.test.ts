import { describe, expect, test } from '@jest/globals';
import { cookieIn, Cookies } from '../../../src/load/journeys/cookies.ts';

describe('the cookies of a user', () => {
  test('are sent to their host and path until they are taken back', () => {
    const cookies = new Cookies();
    expect(cookies.header('shop.localhost', '/')).toBe('');
    cookies.set('shop.localhost', '/login', ['session=abc; Path=/; HttpOnly', 'cart=1; Path=/cart', 'odd']);
    expect(cookies.header('shop.localhost', '/')).toBe('session=abc; odd');
    expect(cookies.header('shop.localhost', '/cart/items?x=1')).toContain('cart=1');
    expect(cookies.header('other.localhost', '/')).toBe('');
    cookies.set('shop.localhost', '/logout', ['session=; Max-Age=0; Path=/']);
    expect(cookies.header('shop.localhost', '/')).not.toContain('session');
  });

  test('are sent over plain HTTP although they are Secure, and never to another host than may set them', () => {
    const cookies = new Cookies();
    cookies.set('shop.localhost', '/', ['a=1; Secure; SameSite=Strict', 'b=2; Domain=evil.example']);
    expect(cookies.header('shop.localhost', '/')).toBe('a=1');
    expect(cookies.header('evil.example', '/')).toBe('');
  });
});

test('the last cookie of a name is the one that an answer sets', () => {
  expect(cookieIn(['a=1; Path=/', 'b=2', 'a=3'], 'a')).toBe('3');
  expect(cookieIn(['a=1'], 'c')).toBeUndefined();
});
