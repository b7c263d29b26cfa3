import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ratePerSecond, type Series, totalIncrease, totalOfMaxima } from '../../../src/cluster/usage/samples.ts';

/** A series with a sample every two seconds. */
const series = (...values: readonly number[]): Series => ({
  labels: {},
  samples: values.map((value, index) => ({ time: 1000 + index * 2, value })),
});

describe('ratePerSecond', () => {
  const table = [
    {
      name: 'the increase between the first and the last sample over the time between them',
      input: [series(10, 12, 18)],
      expected: { value: 2, samples: 3 },
    },
    { name: 'a counter that stands still', input: [series(5, 5)], expected: { value: 0, samples: 2 } },
    {
      name: 'a counter that was reset began again at 0',
      input: [series(10, 14, 2, 4)],
      expected: { value: (4 + 2 + 2) / 6, samples: 4 },
    },
    { name: 'two resets', input: [series(3, 1, 1, 0)], expected: { value: (1 + 0 + 0) / 6, samples: 4 } },
    {
      name: 'several series add up, with the number of samples of the shortest',
      input: [series(0, 2, 4), series(0, 6)],
      expected: { value: 4, samples: 2 },
    },
    { name: 'one sample says nothing about a rate', input: [series(7)], expected: { value: null, samples: 1 } },
    { name: 'no samples', input: [series()], expected: { value: null, samples: 0 } },
    { name: 'no series', input: [], expected: { value: null, samples: 0 } },
    {
      name: 'one series with too few makes the whole unknown: a part would pass for the sum',
      input: [series(0, 2, 4), series(1)],
      expected: { value: null, samples: 1 },
    },
    {
      name: 'two samples of the same moment',
      input: [
        {
          labels: {},
          samples: [
            { time: 1, value: 1 },
            { time: 1, value: 2 },
          ],
        },
      ],
      expected: { value: null, samples: 2 },
    },
  ];
  test.each(table)('$name', ({ input, expected }) => {
    expect(ratePerSecond(input)).toEqual(expected);
  });

  const counter = fc.array(fc.record({ step: fc.integer({ min: 0, max: 1000 }), reset: fc.boolean() }), {
    minLength: 2,
    maxLength: 20,
  });

  test('it is what was counted, however often the counter was reset', () => {
    fc.assert(
      fc.property(counter, (steps) => {
        let shown = 0;
        const samples = steps.map(({ step, reset }, index) => {
          // Prometheus can't see a reset to more than before, and neither can this.
          if (reset && step < shown) shown = 0;
          shown += step;
          return { time: index, value: shown };
        });
        const counted = steps.slice(1).reduce((sum, { step }) => sum + step, 0);
        const rate = ratePerSecond([{ labels: {}, samples }]).value;
        expect(rate).toBeCloseTo(counted / (steps.length - 1), 6);
      }),
    );
  });

  test('it is never negative and never NaN', () => {
    const value = fc.double({ min: 0, max: 1e15, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.array(value, { maxLength: 8 }), { maxLength: 4 }), (all) => {
        const { value: rate } = ratePerSecond(all.map((values) => series(...values)));
        expect(rate === null || (Number.isFinite(rate) && rate >= 0)).toBe(true);
      }),
    );
  });
});

describe('totalIncrease', () => {
  const table = [
    { name: 'adds up over the series', input: [series(1, 4), series(0, 0, 2)], expected: { value: 5, samples: 2 } },
    { name: 'counts on after a reset', input: [series(10, 3)], expected: { value: 3, samples: 2 } },
    { name: 'needs two samples of each', input: [series(1, 4), series(9)], expected: { value: null, samples: 1 } },
    { name: 'of nothing is unknown', input: [], expected: { value: null, samples: 0 } },
  ];
  test.each(table)('$name', ({ input, expected }) => {
    expect(totalIncrease(input)).toEqual(expected);
  });
});

describe('totalOfMaxima', () => {
  const table = [
    {
      name: 'adds up the highest of each series',
      input: [series(1, 9, 3), series(5)],
      expected: { value: 14, samples: 1 },
    },
    {
      name: 'is unknown when one series has no sample',
      input: [series(1), series()],
      expected: { value: null, samples: 0 },
    },
    { name: 'of nothing is unknown', input: [], expected: { value: null, samples: 0 } },
  ];
  test.each(table)('$name', ({ input, expected }) => {
    expect(totalOfMaxima(input)).toEqual(expected);
  });
});
