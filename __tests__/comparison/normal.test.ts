import { expect, test } from '@jest/globals';
import { normalQuantile } from '../../src/comparison/normal.ts';

test.each([
  { p: 0.5, expected: 0 },
  { p: 0.8, expected: 0.8416212335729143 },
  { p: 0.975, expected: 1.959963984540054 },
  { p: 0.025, expected: -1.959963984540054 },
  { p: 0.999, expected: 3.090232306167813 },
  { p: 1e-6, expected: -4.753424308822899 },
])('the quantile of $p', ({ p, expected }) => {
  expect(normalQuantile(p)).toBeCloseTo(expected, 7);
});

test.each([0, 1, NaN, -1])('%p has none', (p) => {
  expect(() => normalQuantile(p)).toThrow('not a probability');
});
