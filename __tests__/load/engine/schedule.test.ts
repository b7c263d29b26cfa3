import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type ArrivalSettings, arrivalTimes, targetSequence } from '../../../src/load/engine/schedule.ts';

const take = (count: number, next: () => number): number[] => Array.from({ length: count }, next);
const settings = (overrides: Partial<ArrivalSettings>): ArrivalSettings => ({
  arrivals: 'constant',
  ratePerSecond: 100,
  rampUpMs: 0,
  seed: 's',
  ...overrides,
});

describe('targetSequence', () => {
  test('repeats with its seed and uses every target', () => {
    const sequence = take(100, targetSequence([{}, {}, {}], 'seed'));
    expect(take(100, targetSequence([{}, {}, {}], 'seed'))).toEqual(sequence);
    expect(new Set(sequence)).toEqual(new Set([0, 1, 2]));
  });

  test('is the same with equal weights of 1 as without', () => {
    expect(take(100, targetSequence([{ weight: 1 }, { weight: 1 }], 'seed'))).toEqual(
      take(100, targetSequence([{}, {}], 'seed')),
    );
  });

  test('keeps to the weights', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(weights, fc.string(), (given, seed) => {
        const sum = given.reduce((total, weight) => total + weight, 0);
        const sequence = take(
          4000,
          targetSequence(
            given.map((weight) => ({ weight })),
            seed,
          ),
        );
        given.forEach((weight, index) => {
          const share = weight / sum;
          // Six standard deviations of a binomial distribution: never by chance.
          const tolerance = 6 * Math.sqrt((share * (1 - share)) / 4000);
          expect(Math.abs(sequence.filter((target) => target === index).length / 4000 - share)).toBeLessThan(tolerance);
        });
      }),
      { numRuns: 50 },
    );
  });
});

describe('arrivalTimes', () => {
  test('constant arrivals have even gaps from 0 on', () => {
    expect(take(4, arrivalTimes(settings({ ratePerSecond: 200 })))).toEqual([0, 5, 10, 15]);
  });

  test('constant arrivals do not drift', () => {
    expect(take(9001, arrivalTimes(settings({ ratePerSecond: 300 }))).at(-1)).toBeCloseTo(30_000, 6);
  });

  test('Poisson arrivals keep the rate, and their gaps spread like exponential ones', () => {
    const times = take(50_000, arrivalTimes(settings({ arrivals: 'poisson' })));
    const gaps = times.map((time, i) => time - (times[i - 1] ?? 0));
    const mean = gaps.reduce((a, b) => a + b, 0) / gaps.length;
    const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
    expect(mean / 10).toBeCloseTo(1, 1);
    expect(deviation / mean).toBeCloseTo(1, 1);
  });

  test.each(['constant', 'poisson'] as const)(
    '%s arrivals during a ramp are half as many, and the full rate follows',
    (arrivals) => {
      const times = take(20_000, arrivalTimes(settings({ arrivals, ratePerSecond: 1000, rampUpMs: 10_000 })));
      const before = (ms: number): number => times.filter((time) => time < ms).length;
      // rate · t² / (2 · ramp) in the ramp, then rate · t.
      expect(before(5_000) / 1250).toBeCloseTo(1, 0.5);
      expect(before(10_000) / 5000).toBeCloseTo(1, 1);
      expect((before(20_000) - before(10_000)) / 10_000).toBeCloseTo(1, 1);
      expect(times).toEqual([...times].sort((a, b) => a - b));
    },
  );
});
