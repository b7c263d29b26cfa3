import { describe, expect, test } from '@jest/globals';
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
