import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isPattern, textMatching } from '../../src/cluster/path-pattern.ts';

describe('a text that a pattern matches', () => {
  const table: [pattern: string, text: string | null][] = [
    ['/api(/|$)(.*)', '/api'],
    ['/api/.*', '/api/'],
    ['/api/v1/users/[0-9]+', '/api/v1/users/1'],
    ['/(api|web)/.*', '/api/'],
    ['/(.*)', '/'],
    ['/?(.*)', '/'],
    ['/?api/?', '/api'],
    ['^/shop/(?<id>\\d{3})$', '/shop/111'],
    ['/item/[^/]+/price', '/item/a/price'],
    ['/item/[[:digit:]]+', '/item/1'],
    ['/[A-Z]{2,4}/x?y*z', '/aa/z'],
    ['/(?i)x', null],
    ['(?i)/Shop/.+', '/Shop/a'],
    ['/v\\d+\\.json', '/v1.json'],
    ['/(?!api)\\w+', '/a'],
    ['/(?!a).+', null],
    ['/(a|b)\\1', null],
    ['/a++', null],
    ['/(unclosed', null],
    ['/unopened)', null],
    ['/[unclosed', null],
    ['/foo/*', '/foo/'],
    ['/a*b/*', '/b'],
    ['/~/api/\\d+', '/api/1'],
    ['/(?:|longer)', '/'],
    ['/x{0}y', '/y'],
    ['/cart', '/cart'],
  ];
  test.each(table)('%s: %j', (pattern, text) => {
    expect(textMatching(pattern)).toBe(text);
  });

  test('matches, whatever the pattern is', () => {
    const parts = fc.array(
      fc.constantFrom('/', 'a', 'api', '.', '.*', '(', ')', '|', '[', ']', '^', '$', '?', '*', '+', '{2}', '\\d', '\\', '-', '(?:', '(?!', '0-9'),
      { maxLength: 12 },
    ); // prettier-ignore
    fc.assert(
      fc.property(parts, (list) => {
        const pattern = `/${list.join('')}`;
        const text = textMatching(pattern);
        if (text === null || pattern.endsWith('/*')) return;
        expect(text).toMatch(new RegExp(`^(?:${pattern})`, 'i'));
      }),
      { numRuns: 2000 },
    );
  });
});

test.each([
  ['/', false],
  ['/favicon.ico', false],
  ['/a-b_c~d@e', false],
  ['/~x', false],
  ['/~/x', true],
  ['/x+', true],
  ['/x$', true],
  ['/{id}', true],
])('%s is a pattern: %j', (path, expected) => {
  expect(isPattern(path)).toBe(expected);
});
