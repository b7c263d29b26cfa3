import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseQuantity } from '../../src/cluster/quantity.ts';

describe('parseQuantity', () => {
  const table: { text: string | number; expected: number | null }[] = [
    { text: '500m', expected: 0.5 },
    { text: '64Mi', expected: 67_108_864 },
    { text: '1', expected: 1 },
    { text: 2, expected: 2 },
    { text: '0', expected: 0 },
    { text: '1.5', expected: 1.5 },
    { text: '.5', expected: 0.5 },
    { text: '1e3', expected: 1000 },
    { text: '1E', expected: 1e18 },
    { text: '100k', expected: 100_000 },
    { text: '128974848000m', expected: 128_974_848 },
    { text: '1Ki', expected: 1024 },
    { text: '250u', expected: 0.000_25 },
    { text: '', expected: null },
    { text: 'K', expected: null },
    { text: '1K', expected: null },
    { text: '1 Mi', expected: null },
    { text: 'NaN', expected: null },
    { text: 'Infinity', expected: null },
    { text: '0x10', expected: null },
    { text: '1MiB', expected: null },
  ];
  test.each(table)('"$text" is $expected', ({ text, expected }) => {
    const value = parseQuantity(text);
    if (expected === null) expect(value).toBeNull();
    else expect(value).toBeCloseTo(expected, 9);
  });

  test('whole numbers are themselves, and a suffix multiplies', () => {
    fc.assert(
      fc.property(fc.nat(), (count) => {
        expect(parseQuantity(String(count))).toBe(count);
        expect(parseQuantity(`${String(count)}Ki`)).toBe(count * 1024);
        expect(parseQuantity(`${String(count)}m`)).toBeCloseTo(count / 1000, 6);
      }),
    );
  });

  test('any text is a finite number or none', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9.eE+-]{1,6}[a-zA-Z]{0,3}$/)), (text) => {
        const value = parseQuantity(text);
        expect(value === null || !Number.isNaN(value)).toBe(true);
      }),
    );
  });
});
