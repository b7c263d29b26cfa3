import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  addBuckets,
  type ExponentialBuckets,
  HIGHEST_VALUE,
  Histogram,
  type HistogramSnapshot,
} from '../../../src/load/counts/histogram.ts';

const values = fc.array(fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: HIGHEST_VALUE })), {
  minLength: 1,
  maxLength: 300,
});

function histogramOf(numbers: readonly number[]): Histogram {
  const histogram = new Histogram();
  numbers.forEach((n) => {
    histogram.record(n);
  });
  return histogram;
}

/** Bytes are compared: Jest would look at thousands of counters one by one. */
function expectSame({ counts, ...rest }: HistogramSnapshot, { counts: others, ...expected }: HistogramSnapshot): void {
  const bytes = (of: Float64Array): Buffer => Buffer.from(of.buffer, of.byteOffset, of.byteLength);
  expect(rest).toEqual(expected);
  expect(bytes(counts).equals(bytes(others))).toBe(true);
}

/** Nearest rank on the sorted values, with the same definition and no buckets. */
function exactPercentile(numbers: readonly number[], p: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil((p * sorted.length) / 100 - 1e-9)) - 1] ?? NaN;
}

describe('percentile', () => {
  test('is at least the exact nearest rank and at most 0.1 % above it', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 1000 }), (numbers, tenths) => {
        const exact = exactPercentile(numbers, tenths / 10);
        const got = histogramOf(numbers).percentile(tenths / 10);
        expect(got).toBeGreaterThanOrEqual(exact);
        expect(got).toBeLessThanOrEqual(exact * 1.001);
      }),
      { numRuns: 500 },
    );
  });

  test('is exact below 2048', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 2047 }), { minLength: 1 }),
        fc.integer({ min: 0, max: 100 }),
        (numbers, p) => {
          expect(histogramOf(numbers).percentile(p)).toBe(exactPercentile(numbers, p));
        },
      ),
    );
  });

  test.each([
    [50, 500],
    [99, 990],
    [99.9, 999],
    [100, 1000],
    [0, 1],
  ])('p%p of 1 to 1000 is %p', (p, expected) => {
    expect(histogramOf(Array.from({ length: 1000 }, (_, i) => i + 1)).percentile(p)).toBe(expected);
  });

  test('is never above the maximum', () => {
    expect(histogramOf([1_000_001]).percentile(50)).toBe(1_000_001);
  });
});

test('count, sum, minimum and maximum are exact', () => {
  fc.assert(
    fc.property(values, (numbers) => {
      const { count, sum, min, max } = histogramOf(numbers);
      expect({ count, sum, min, max }).toEqual({
        count: numbers.length,
        sum: numbers.reduce((a, b) => a + b, 0),
        min: Math.min(...numbers),
        max: Math.max(...numbers),
      });
    }),
  );
});

test('adding two histograms is the same as recording everything in one', () => {
  fc.assert(
    fc.property(values, values, (a, b) => {
      const merged = histogramOf(a);
      merged.add(histogramOf(b));
      expectSame(merged.snapshot(), histogramOf([...a, ...b]).snapshot());
    }),
  );
});

test('a snapshot that was cloned, as between threads, restores to the same histogram', () => {
  fc.assert(
    fc.property(values, (numbers) => {
      const snapshot = structuredClone(histogramOf(numbers).snapshot());
      expectSame(Histogram.restore(snapshot).snapshot(), snapshot);
    }),
  );
});

test('an empty histogram has no figures', () => {
  const empty = new Histogram();
  expect([empty.min, empty.max, empty.mean, empty.percentile(50)]).toEqual([NaN, NaN, NaN, NaN]);
  empty.add(new Histogram());
  expect(empty.snapshot().count).toBe(0);
});

test.each([
  [-5, 0],
  [NaN, 0],
  [0.4, 0],
  [1.5, 2],
  [2 ** 40, HIGHEST_VALUE],
  [Infinity, HIGHEST_VALUE],
])('records %p as %p', (value, recorded) => {
  expect(histogramOf([value]).max).toBe(recorded);
});

describe('buckets', () => {
  test('hold every value, between edges of equal ratio', () => {
    fc.assert(
      fc.property(values, (numbers) => {
        const { edges, counts } = histogramOf(numbers).buckets(40);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(numbers.length);
        expect(edges).toHaveLength(counts.length + 1);
        const [lowest, highest] = [Math.max(1, Math.min(...numbers)), Math.max(1, ...numbers)];
        expect(edges[0]).toBeLessThanOrEqual(lowest * 1.000001);
        expect(edges.at(-1)).toBeGreaterThan(highest);
        const ratios = edges.slice(1).map((edge, index) => edge / (edges[index] ?? NaN));
        expect(ratios.filter((ratio) => !(Math.abs(ratio - 10 ** (1 / 40)) < 5e-10))).toEqual([]);
        expect([counts[0], counts.at(-1)]).not.toContain(0);
      }),
    );
  });

  test('begin with the lowest value, also when an edge lies within its counter', () => {
    expect(histogramOf([334757888, 334965440]).buckets(40).counts).toEqual([1, 1]);
  });

  test('are placed by value', () => {
    expect(histogramOf([1, 9, 10, 99, 1000]).buckets(1)).toEqual({
      edges: [1, 10, 100, expect.closeTo(1000, 6), expect.closeTo(10_000, 6)],
      counts: [2, 2, 0, 1],
    });
  });

  test('of nothing are none', () => {
    expect(new Histogram().buckets(40)).toEqual({ edges: [], counts: [] });
  });
});

describe('exponential buckets', () => {
  const SCHEMA = 4;
  const edge = (index: number): number => 2 ** (index / 2 ** SCHEMA);
  const of = (numbers: readonly number[]): ExponentialBuckets => histogramOf(numbers).exponentialBuckets(SCHEMA, 1e6);

  test('count every value between the edges that it lies between, within 0.1 %', () => {
    fc.assert(
      fc.property(values, (numbers) => {
        const { count, sum, zeros, first, counts } = of(numbers);
        expect(count).toBe(numbers.length);
        expect(sum).toBeCloseTo(numbers.reduce((a, b) => a + b) / 1e6, 5);
        expect(zeros).toBe(numbers.filter((value) => value === 0).length);
        expect(zeros + counts.reduce((a, b) => a + b, 0)).toBe(count);
        const upTo = (limit: number): number => numbers.filter((value) => value / 1e6 <= limit).length;
        let counted = zeros;
        const wrong = counts.filter((inBucket, index) => {
          counted += inBucket;
          const limit = edge(first + index);
          return counted < upTo(limit / 1.001) || counted > upTo(limit * 1.001);
        });
        expect(wrong).toEqual([]);
      }),
    );
  });

  test('have no empty ones at the ends, and a value on an edge in the lower one', () => {
    // Values that have a counter of their own.
    const exactly = (numbers: readonly number[]): ExponentialBuckets =>
      histogramOf(numbers).exponentialBuckets(SCHEMA, 1024);
    expect(exactly([1024])).toEqual({ count: 1, sum: 1, zeros: 0, first: 0, counts: [1] });
    expect(exactly([256, 1024])).toMatchObject({ first: -32, counts: { length: 33, 0: 1, 32: 1 } });
    expect(exactly([1025])).toMatchObject({ first: 1 });
    expect(of([])).toEqual({ count: 0, sum: 0, zeros: 0, first: 0, counts: [] });
  });

  test('of parts add up to those of the whole', () => {
    fc.assert(
      fc.property(values, values, (one, other) => {
        const whole = of([...one, ...other]);
        const sum = addBuckets([of(one), of([]), of(other)]);
        expect({ ...sum, sum: 0 }).toEqual({ ...whole, sum: 0 });
        expect(sum.sum).toBeCloseTo(whole.sum, 5);
      }),
    );
    expect(addBuckets([])).toEqual(of([]));
  });
});
