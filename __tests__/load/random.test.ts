import { expect, test } from '@jest/globals';
import { createRandom } from '../../src/load/random.ts';

const DRAWS = 100_000;

test('the same seed gives the same stream, another seed another', () => {
  const draw = (seed: string): number[] => {
    const random = createRandom(seed);
    return Array.from({ length: 20 }, () => random.uniform());
  };
  expect(draw('a')).toEqual(draw('a'));
  expect(draw('a')).not.toEqual(draw('b'));
});

test('the stream of a seed never changes, so that an old run can be repeated', () => {
  const random = createRandom('k8s-loadtest-ci');
  expect(Array.from({ length: 12 }, () => random.integer(10))).toMatchInlineSnapshot(`
   [
     8,
     7,
     7,
     8,
     2,
     4,
     4,
     9,
     0,
     2,
     8,
     3,
   ]
  `);
});

test('integers fall on every value equally often (chi-square, 9 degrees of freedom, p > 0.0001)', () => {
  const random = createRandom('chi');
  const counts = new Array<number>(10).fill(0);
  for (let i = 0; i < DRAWS; i++) {
    const n = random.integer(10);
    counts[n] = (counts[n] ?? 0) + 1;
  }
  const expected = DRAWS / 10;
  const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  expect(chiSquare).toBeLessThan(33.7);
});

test('exponential draws have the mean and the median of their distribution', () => {
  const random = createRandom('exponential');
  const draws = Array.from({ length: DRAWS }, () => random.exponential(10)).sort((a, b) => a - b);
  expect(draws[0]).toBeGreaterThanOrEqual(0);
  expect(draws.reduce((a, b) => a + b, 0) / DRAWS).toBeCloseTo(10, 0);
  expect(draws[DRAWS / 2]).toBeCloseTo(10 * Math.LN2, 0);
});
