import { incompleteBeta } from './incomplete-beta.ts';

/**
 * The exact interval of a share of which `hits` of `of` were seen: the shares for which neither tail of the binomial
 * distribution is below error / 2 (Clopper and Pearson 1934, Biometrika 26:404). Found by bisection.
 */
export function clopperPearson(
  hits: number,
  of: number,
  error = 0.05,
): { readonly low: number; readonly high: number } {
  return {
    low: hits === 0 ? 0 : crossing((share) => atLeast(hits, of, share) < error / 2),
    high: hits === of ? 1 : crossing((share) => atLeast(hits + 1, of, share) < 1 - error / 2),
  };
}

/** Where a condition that holds from 0 on ceases to hold. */
function crossing(holds: (share: number) => boolean): number {
  let [low, high] = [0, 1];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * P(X >= hits), 1 <= hits <= of, of a binomial distribution: the incomplete beta function I_share(hits, of - hits + 1).
 */
const atLeast = (hits: number, of: number, share: number): number => incompleteBeta(share, hits, of - hits + 1);
