import { incompleteBeta } from './incomplete-beta.ts';

/**
 * The probability of a value of at least `t` (0 or more) in Student's distribution with so many degrees of freedom:
 * half of the incomplete beta function at df / (df + t²) (Abramowitz and Stegun 1964, 26.7.1).
 */
export const studentTail = (t: number, df: number): number => incompleteBeta(df / (df + t * t), df / 2, 1 / 2) / 2;

/** The value that Student's distribution exceeds with the probability `error`, 0 < error < 1/2. By bisection. */
export function studentQuantile(error: number, df: number): number {
  let [low, high] = [0, 1];
  while (studentTail(high, df) > error) high *= 2;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (studentTail(middle, df) > error) low = middle;
    else high = middle;
  }
  return high;
}
