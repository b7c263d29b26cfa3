import { describe, expect, test } from '@jest/globals';
import { studentQuantile, studentTail } from '../../src/comparison/student.ts';

// R: qt(1 - error, df)
describe('the quantile', () => {
  test.each([
    { error: 0.025, df: 1, quantile: 12.7062 },
    { error: 0.05, df: 1, quantile: 6.31375 },
    { error: 0.025, df: 2, quantile: 4.30265 },
    { error: 0.0125, df: 4, quantile: 3.49541 },
    { error: 0.0125, df: 8, quantile: 2.75152 },
    { error: 0.025, df: 30, quantile: 2.04227 },
    { error: 0.025, df: 1e6, quantile: 1.95997 },
  ])('of $error with $df degrees of freedom', ({ error, df, quantile }) => {
    expect(studentQuantile(error, df)).toBeCloseTo(quantile, 4);
    expect(studentTail(studentQuantile(error, df), df)).toBeCloseTo(error, 10);
  });
});

test('half of the distribution lies above 0', () => {
  for (const df of [1, 2, 7]) expect(studentTail(0, df)).toBe(0.5);
});
