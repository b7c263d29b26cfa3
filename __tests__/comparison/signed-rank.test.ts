import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  hodgesLehmann,
  signedRankInterval,
  signedRankPValue,
  walshAverages,
} from '../../src/comparison/signed-rank.ts';

/** P(W >= w) of n values by listing all 2^n assignments of signs. */
function listedTail(n: number, w: number): number {
  let hits = 0;
  for (let signs = 0; signs < 2 ** n; signs++) {
    let sum = 0;
    for (let rank = 1; rank <= n; rank++) sum += (signs >> (rank - 1)) & 1 ? rank : 0;
    if (sum >= w) hits += 1;
  }
  return hits / 2 ** n;
}

/** The classical statistic: the sum of the ranks of the absolute values that belong to positive ones. */
function rankSum(values: readonly number[]): number {
  const ranked = [...values].sort((a, b) => Math.abs(a) - Math.abs(b));
  return ranked.reduce((sum, value, index) => sum + (value > 0 ? index + 1 : 0), 0);
}

const distinct = fc.uniqueArray(
  fc.integer({ min: -1000, max: 1000 }).filter((value) => value !== 0),
  { minLength: 1, maxLength: 10, selector: Math.abs },
);

test('the p-value is the share of all assignments of signs that give as large a rank sum', () => {
  fc.assert(
    fc.property(distinct, (values) => {
      expect(signedRankPValue(walshAverages(values), values.length, 0)).toBeCloseTo(
        listedTail(values.length, rankSum(values)),
        12,
      );
    }),
  );
});

describe('the interval', () => {
  // Hollander, Wolfe and Chicken, Nonparametric Statistical Methods, table of the upper tail of the signed-rank statistic.
  const table = [
    { n: 5, error: 0.05, widest: null },
    { n: 6, error: 0.05, widest: { k: 1, error: 2 / 64 } },
    { n: 10, error: 0.05, widest: { k: 9, error: 2 * 0.0244 } },
    { n: 15, error: 0.01, widest: { k: 16, error: 2 * 0.0042 } },
    { n: 20, error: 0.05, widest: { k: 53, error: 2 * 0.0242 } },
  ];
  test.each(table)('of $n values with error $error', ({ n, error, widest }) => {
    const walsh = walshAverages(Array.from({ length: n }, (_, index) => 2 ** index));
    const interval = signedRankInterval(walsh, n, error);
    if (widest === null) {
      expect(interval).toBeNull();
      return;
    }
    expect(interval).toMatchObject({ low: walsh[widest.k - 1], high: walsh[walsh.length - widest.k] });
    expect(interval?.error).toBeCloseTo(widest.error, 3);
  });

  test('has the centres that the test does not refuse, and no others', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 6, maxLength: 12 }),
        fc.double({ min: -60, max: 60, noNaN: true }),
        (values, centre) => {
          const walsh = walshAverages(values);
          const interval = signedRankInterval(walsh, values.length, 0.05);
          if (interval === null) throw new Error('six values are enough');
          fc.pre(centre !== interval.low && centre !== interval.high);
          const refused =
            signedRankPValue(walsh, values.length, centre) <= 0.025 ||
            signedRankPValue(walshAverages(values.map((value) => -value)), values.length, -centre) <= 0.025;
          expect(refused).toBe(centre < interval.low || centre > interval.high);
        },
      ),
    );
  });

  test('of ties is a point, and holds it', () => {
    expect(signedRankInterval(walshAverages(Array.from({ length: 8 }, () => 3)), 8, 0.05)).toMatchObject({
      low: 3,
      high: 3,
    });
  });
});

describe('the estimate', () => {
  test.each([
    { values: [1], expected: 1 },
    { values: [1, 2, 6], expected: 2.75 },
    { values: [0, 0, 0, 0, 100], expected: 0 },
  ])('of $values is the median of the Walsh averages', ({ values, expected }) => {
    expect(hodgesLehmann(walshAverages(values))).toBe(expected);
  });

  test('of nothing is no number', () => {
    expect(hodgesLehmann(walshAverages([]))).toBeNaN();
  });

  test('moves with the values, and lies in the interval', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 6, maxLength: 20 }),
        fc.integer({ min: -1000, max: 1000 }),
        (values, shift) => {
          const estimate = hodgesLehmann(walshAverages(values));
          expect(hodgesLehmann(walshAverages(values.map((value) => value + shift)))).toBe(estimate + shift);
          const interval = signedRankInterval(walshAverages(values), values.length, 0.05);
          expect(interval?.low).toBeLessThanOrEqual(estimate);
          expect(interval?.high).toBeGreaterThanOrEqual(estimate);
        },
      ),
    );
  });
});
