/** A closed interval; both ends belong to it. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/**
 * The Walsh averages (xi + xj) / 2 of all i <= j, in ascending order: n(n+1)/2 of them.
 *
 * Wilcoxon's signed-rank statistic for a centre c, the sum of the ranks of |xi - c| with xi > c, is
 * the number of Walsh averages above c (Tukey 1949, The simplest signed-rank tests), which makes
 * interval, estimate and test three readings of the same list.
 */
export function walshAverages(values: readonly number[]): Float64Array {
  const n = values.length;
  const averages = new Float64Array((n * (n + 1)) / 2);
  let next = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) averages[next++] = ((values[i] ?? NaN) + (values[j] ?? NaN)) / 2;
  }
  return averages.sort();
}

/**
 * The Hodges-Lehmann estimate of the centre of a symmetric distribution: the median of the Walsh
 * averages (Hodges and Lehmann 1963, Annals of Mathematical Statistics 34:598). NaN without values.
 */
export function hodgesLehmann(walsh: Float64Array): number {
  const middle = (walsh.length - 1) / 2;
  return ((walsh[Math.floor(middle)] ?? NaN) + (walsh[Math.ceil(middle)] ?? NaN)) / 2;
}

/**
 * The interval for the centre that holds it with a probability of at least 1 - `error`, by inverting
 * the signed-rank test: from the k-th smallest to the k-th largest Walsh average, with the largest k for
 * which P(W < k) <= error/2 (Lehmann 1963, Annals of Mathematical Statistics 34:1507; Hollander, Wolfe
 * and Chicken 2014, Nonparametric Statistical Methods, 3.3). Exact for every n when the values are
 * symmetric around the centre, whatever their distribution and whether or not it is the same
 * for all; ties make it cautious.
 *
 * @returns the bounds with the error that they really have, or null when even the widest interval
 *   (smallest to largest value) would be wrong more often than `error`.
 */
export function signedRankInterval(
  walsh: Float64Array,
  n: number,
  error: number,
): (Bounds & { readonly error: number }) | null {
  const below = signedRankTail(n);
  let k = 0;
  while (k < walsh.length / 2 && 2 * (below[k] ?? 1) <= error) k += 1;
  if (k === 0) return null;
  return { low: walsh[k - 1] ?? NaN, high: walsh[walsh.length - k] ?? NaN, error: 2 * (below[k - 1] ?? NaN) };
}

/**
 * The probability of as many Walsh averages above `centre`, or more, when the values are symmetric
 * around it: the one-sided exact p-value against a centre of at most `centre`. An average on `centre`
 * counts as below, which can only raise the p-value.
 */
export function signedRankPValue(walsh: Float64Array, n: number, centre: number): number {
  const above = walsh.reduce((count, average) => count + (average > centre ? 1 : 0), 0);
  // P(W >= above) = P(W <= M - above), as W is symmetric around M/2.
  return signedRankTail(n)[walsh.length - above] ?? 1;
}

const TAILS = new Map<number, Float64Array>();

/**
 * P(W <= w) for w = 0 … n(n+1)/2 of the signed-rank statistic of n values: each rank from 1 to n is in
 * the sum or not, with probability 1/2, which gives the recursion p_n(w) = (p_{n-1}(w) + p_{n-1}(w - n)) / 2
 * (Hollander, Wolfe and Chicken 2014, 3.1).
 */
export function signedRankTail(n: number): Float64Array {
  const known = TAILS.get(n);
  if (known !== undefined) return known;
  const most = (n * (n + 1)) / 2;
  const probability = new Float64Array(most + 1);
  probability[0] = 1;
  for (let rank = 1; rank <= n; rank++) {
    for (let w = (rank * (rank + 1)) / 2; w >= 0; w--) {
      probability[w] = ((probability[w] ?? 0) + (w >= rank ? (probability[w - rank] ?? 0) : 0)) / 2;
    }
  }
  for (let w = 1; w <= most; w++) probability[w] = Math.min(1, (probability[w - 1] ?? 0) + (probability[w] ?? 0));
  TAILS.set(n, probability);
  return probability;
}
