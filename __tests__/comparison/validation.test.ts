import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { clopperPearson } from '../../src/comparison/binomial.ts';
import { NOISE_MODELS } from '../../bench/comparison-noise.ts';
import { simulateMany } from '../../bench/comparison-simulated.ts';
import { benchStartsAlone } from '../../bench/comparison-starts.ts';
import { signedRankInterval, walshAverages } from '../../src/comparison/signed-rank.ts';

// The same simulations as `npm run bench -- comparison` with fixed seeds, a few of each; simulated.slow.ts has more of
// them, and docs/statistics.md the large ones.

test('whatever ten blocks measured, at most the stated share of all falls of the coins claims a difference', () => {
  const blocks = 10;
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: blocks, maxLength: blocks }),
      fc.constantFrom(0.05, 0.01, 0.003),
      (sizes, error) => {
        let claims = 0;
        for (let coins = 0; coins < 2 ** blocks; coins++) {
          const interval = signedRankInterval(
            walshAverages(sizes.map((size, block) => ((coins >> block) & 1 ? size : -size))),
            blocks,
            error,
          );
          if (interval !== null && (interval.low > 0 || interval.high < 0)) claims += 1;
        }
        expect(claims / 2 ** blocks).toBeLessThanOrEqual(error);
      },
    ),
    { numRuns: 20 },
  );
});

describe('the same version twice, without tolerance', () => {
  test.each(NOISE_MODELS.map(({ name }) => name))('is rarely called different under noise: %s', async (noise) => {
    const { slower, faster } = await simulateMany({ noise, strength: 1, slowdown: 0, tolerance: 0 }, 4);
    // With the stated 5 % more than 2 of 4 have a probability of 0.05 %.
    expect(slower + faster).toBeLessThanOrEqual(2);
  });
});

test.each([0.01, 0.02, 0.03])(
  'of equal versions whose starts differ by %d, without noise in rounds, at most one in 800 is confirmed to each side',
  (spread) => {
    const [result] = benchStartsAlone(8_000, [{ spread, slowdown: 0, tolerance: 0.05 }]);
    expect(result?.confirmed).toBeLessThanOrEqual((2 * 8_000) / 800);
    // Some are, or nothing was simulated.
    expect(spread < 0.03 || (result?.confirmed ?? 0) > 0).toBe(true);
  },
);

describe('a known slow-down', () => {
  const noise = NOISE_MODELS[0]?.name ?? '';
  test.each([
    { slowdown: 0.1, tolerance: 0 },
    { slowdown: 0.2, tolerance: 0.05 },
  ])('of $slowdown is found with a tolerance of $tolerance', async ({ slowdown, tolerance }) => {
    expect((await simulateMany({ noise, strength: 1, slowdown, tolerance }, 6)).failedStep).toBeGreaterThanOrEqual(5);
  });
});

// R: binom.test(hits, of)$conf.int
test.each([
  { hits: 0, of: 200, low: 0, high: 0.018275 },
  { hits: 10, of: 200, low: 0.024235, high: 0.090029 },
  { hits: 200, of: 200, low: 0.981725, high: 1 },
])('the interval of $hits of $of', ({ hits, of, low, high }) => {
  const found = clopperPearson(hits, of);
  expect(found.low).toBeCloseTo(low, 4);
  expect(found.high).toBeCloseTo(high, 4);
});
