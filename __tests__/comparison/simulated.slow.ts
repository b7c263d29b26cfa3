import { describe, expect, test } from '@jest/globals';
import { benchStartsAlone } from '../../bench/comparison-starts.ts';
import { NOISE_MODELS } from '../../bench/comparison-noise.ts';
import { simulateMany } from '../../bench/comparison-simulated.ts';

// More of the simulations of validation.test.ts.

describe('the same version twice, without tolerance', () => {
  test.each(NOISE_MODELS.map(({ name }) => name))('is rarely called different under noise: %s', async (noise) => {
    const { slower, faster, failedStep } = await simulateMany({ noise, strength: 1, slowdown: 0, tolerance: 0 }, 40);
    // With the stated 5 % more than 6 of 40 have a probability of 0.3 %.
    expect(slower + faster).toBeLessThanOrEqual(6);
    expect(failedStep).toBeLessThanOrEqual(1);
  });
});

describe('a known slow-down', () => {
  const noise = NOISE_MODELS[0]?.name ?? '';
  test.each([
    { slowdown: 0.1, tolerance: 0, atLeast: 39 },
    { slowdown: 0.2, tolerance: 0.05, atLeast: 39 },
  ])('of $slowdown is found with a tolerance of $tolerance', async ({ slowdown, tolerance, atLeast }) => {
    expect((await simulateMany({ noise, strength: 1, slowdown, tolerance }, 40)).failedStep).toBeGreaterThanOrEqual(
      atLeast,
    );
  });

  test('as large as the tolerance is rarely called more than it', async () => {
    expect(
      (await simulateMany({ noise, strength: 1, slowdown: 0.05, tolerance: 0.05 }, 40)).slower,
    ).toBeLessThanOrEqual(4);
  });
});

test.each([0.1, 1 / 1.1 - 1])('a change of %d is confirmed although starts differ by 1 %%', async (slowdown) => {
  const { failedStep, calledFaster } = await simulateMany(
    {
      noise: NOISE_MODELS[0]?.name ?? '',
      strength: 1,
      slowdown,
      tolerance: 0.05,
      startSpread: 0.01,
      startsAgain: true,
    },
    40,
  );
  expect(slowdown > 0 ? failedStep : calledFaster).toBeGreaterThanOrEqual(30);
  expect(slowdown > 0 ? calledFaster : failedStep).toBe(0);
});

test('equal versions whose starts differ by 3 % are not called slower or faster', async () => {
  const { failedStep, calledFaster } = await simulateMany(
    {
      noise: NOISE_MODELS[0]?.name ?? '',
      strength: 1,
      slowdown: 0,
      tolerance: 0.05,
      startSpread: 0.03,
      startsAgain: true,
    },
    40,
  );
  expect(failedStep + calledFaster).toBeLessThanOrEqual(1);
});

test.each([0.01, 0.02, 0.03])(
  'of equal versions whose starts differ by %d, without noise in rounds, at most one in 800 is confirmed to each side',
  (spread) => {
    const [result] = benchStartsAlone(100_000, [{ spread, slowdown: 0, tolerance: 0.05 }]);
    expect(result?.confirmed).toBeLessThanOrEqual((2 * 100_000) / 800);
    // Some are, or nothing was simulated.
    expect(spread < 0.03 || (result?.confirmed ?? 0) > 0).toBe(true);
  },
);
