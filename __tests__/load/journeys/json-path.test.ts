import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { firstAt, parseJsonPath, scalarText } from '../../../src/load/journeys/json-path.ts';

const VALUE = {
  token: 't',
  'a b': 1,
  "it's": 2,
  list: [{ id: 7 }, { id: 8, deep: { id: 9 } }],
  none: null,
  no: false,
  __proto__: { x: 1 },
};

describe('a path', () => {
  test.each([
    ['$', VALUE],
    ['$.token', 't'],
    ["$['a b']", 1],
    ['$["a b"]', 1],
    ["$['it\\'s']", 2],
    ['$.list[0].id', 7],
    ['$.list[-1].id', 8],
    ['$.list[*].deep.id', 9],
    ['$.list.*.id', 7],
    ['$..id', 7],
    ['$..deep.id', 9],
    ['$.none', null],
    ['$.no', false],
    ['$.list[2].id', undefined],
    ['$.token.length', undefined],
    ['$.constructor', undefined],
    ['$.toString', undefined],
    ['$[0]', undefined],
  ])('%s leads to %j', (text, expected) => {
    expect(firstAt(VALUE, parseJsonPath(text))).toEqual(expected);
  });

  test.each(['', 'token', '$token', '$.', '$.a..', '$[', '$[a]', '$[?(@.a)]', '$[0:2]', '$.a b', '$[(1)]', "$['a]"])(
    '%j is none, and what is allowed is said',
    (text) => {
      expect(() => parseJsonPath(text)).toThrow('is not a supported path: write $.name');
    },
  );

  test('leads to what stands there, whatever the names are', () => {
    const key = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'length', "'", '\\'));
    fc.assert(
      fc.property(fc.array(fc.oneof(key, fc.integer({ min: 0, max: 5 })), { maxLength: 6 }), (keys) => {
        const value = keys.reduceRight<unknown>(
          (inner, at) =>
            typeof at === 'number'
              ? [...Array.from({ length: at }, () => 0), inner]
              : Object.defineProperty({}, at, { value: inner, enumerable: true }),
          'found',
        );
        const text = keys
          .map((at) => (typeof at === 'number' ? `[${String(at)}]` : `['${at.replace(/['\\]/g, '\\$&')}']`))
          .join('');
        expect(firstAt(value, parseJsonPath(`$${text}`))).toBe('found');
      }),
    );
  });

  test('ends soon also where every step leads everywhere', () => {
    const nested = (depth: number): unknown => (depth === 0 ? 1 : Array.from({ length: 8 }, () => nested(depth - 1)));
    expect(firstAt(nested(5), parseJsonPath('$..a..b..c[*][*]'))).toBeUndefined();
    let deep: unknown = 1;
    for (let i = 0; i < 10_000; i++) deep = { a: deep };
    expect(firstAt(deep, parseJsonPath('$..b'))).toBeUndefined();
  });
});

test('only strings, numbers and booleans become text of a request', () => {
  expect([scalarText('a'), scalarText(1.5), scalarText(true)]).toEqual(['a', '1.5', 'true']);
  expect([scalarText(null), scalarText({}), scalarText([]), scalarText(undefined)]).toEqual(Array(4).fill(undefined));
});
