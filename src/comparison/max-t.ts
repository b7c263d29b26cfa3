import type { SignFlips } from './sign-flips.ts';
import { signedRankTail } from './signed-rank.ts';

/** One of several figures that are judged together. */
export interface FamilyMember {
  /** The block of each effect, ascending: a block need not count for every figure. */
  readonly blocks: readonly number[];
  /** Positive means more. */
  readonly effects: readonly number[];
  /** By ranks, or by the sum: where most blocks are 0 and a few are large, ranks see nothing. */
  readonly statistic: 'signed-rank' | 'sum';
}

/** Breaks ties of the statistic and nothing else: p-values of different ranks are further apart. */
const TIE = 1e-7;

/**
 * How clearly a figure lies beyond a centre, for each fall of the coins: minus the logarithm of the one-sided p-value.
 *
 * Ranks of few blocks have few values: with eight blocks on one side the signed-rank statistic of any figure is at its
 * end. Such ties go to the figure whose blocks agree more in size (mean over root mean square), which any test by sign
 * flips may do.
 *
 * @param direction 1: whether it lies above; -1: below.
 */
export function clearness(flips: SignFlips, member: FamilyMember, centre: number, direction: 1 | -1): Float64Array {
  return clearnessOf(member, signedSums(flips, member, centre), direction);
}

function clearnessOf({ statistic, effects }: FamilyMember, sums: Float64Array, direction: 1 | -1): Float64Array {
  if (statistic === 'sum') return shares(sums.map((sum) => direction * sum)).map((share) => -Math.log(share));
  const most = (effects.length * (effects.length + 1)) / 2;
  const logs = signedRankTail(effects.length).map((probability) => -Math.log(probability));
  return sums.map((sum) => {
    const ranks = direction * (Math.round(2 * sum) / 2);
    // Half ranks of ties are rounded to the side of caution.
    return (logs[most - Math.floor((most + ranks) / 2)] ?? 0) + (direction * sum - ranks);
  });
}

/**
 * The p-value of each figure, adjusted for all of them together: the share of the falls of the coins in which the
 * clearest figure is as clear as this one was, or clearer. The clearest of all is held against the clearest of all, the
 * next against the clearest of those that are left, and so on (max-T, step-down: Westfall and Young 1993,
 * Resampling-Based Multiple Testing, 2.6; by sign flips the dependence of the figures is used as it is).
 *
 * The probability that any figure that does not lie beyond its centre gets a p-value of at most `a` is at most `a`.
 *
 * @param clear of each figure, as `clearness` gives it.
 */
export function stepDown(clear: readonly Float64Array[]): number[] {
  const seen = clear.map((values) => values[0] ?? 0);
  const ascending = clear.map((_, index) => index).sort((a, b) => (seen[a] ?? 0) - (seen[b] ?? 0));
  const falls = clear[0]?.length ?? 0;
  const clearest = new Float64Array(falls);
  const adjusted = clear.map(() => 1);
  for (const index of ascending) {
    const values = clear[index] ?? clearest;
    let reached = 0;
    for (let fall = 0; fall < falls; fall++) {
      const now = Math.max(clearest[fall] ?? 0, values[fall] ?? 0);
      clearest[fall] = now;
      if (now >= (seen[index] ?? 0)) reached += 1;
    }
    adjusted[index] = reached / falls;
  }
  // A figure can't be surer than one that is clearer.
  let least = 0;
  for (const index of ascending.toReversed()) adjusted[index] = least = Math.max(least, adjusted[index] ?? 1);
  return adjusted;
}

/**
 * The error that the two-sided interval of each figure alone may have, when the intervals of all figures together are
 * to be wrong with a probability of at most `error`: the quantile of the least p-value over the falls of the coins,
 * each figure around its own centre. It is never less than the share of Bonferroni, which needs no centre.
 *
 * @param centres where each figure is taken to lie.
 */
export function errorOfEach(
  flips: SignFlips,
  members: readonly FamilyMember[],
  centres: readonly number[],
  error: number,
): number {
  const share = error / members.length;
  const least = new Float64Array(flips.falls).fill(1);
  members.forEach((member, index) => {
    const sums = signedSums(flips, member, centres[index] ?? 0);
    const [above, below] = [clearnessOf(member, sums, 1), clearnessOf(member, sums, -1)];
    for (let fall = 0; fall < flips.falls; fall++) {
      const clear = Math.max(above[fall] ?? 0, below[fall] ?? 0);
      least[fall] = Math.min(least[fall] ?? 1, 2 * Math.exp(-clear));
    }
  });
  least.sort();
  const most = Math.floor(error * flips.falls);
  // Of equal p-values none may be left out.
  const beyond = (least[most] ?? 1) * (1 - 1e-6);
  let last = most - 1;
  while (last >= 0 && (least[last] ?? 0) > beyond) last -= 1;
  // Ties make p-values larger than they need be: one figure alone has the whole error at most.
  return Math.min(error, Math.max(share, last < 0 ? 0 : (least[last] ?? 0) * (1 + 1e-6)));
}

/**
 * The sum of the values around a centre with the signs of each fall; of ranks, with what breaks ties behind them: far
 * less than half a rank.
 */
function signedSums(
  { falls, signs }: SignFlips,
  { blocks, effects, statistic }: FamilyMember,
  centre: number,
): Float64Array {
  const values = effects.map((effect) => effect - centre);
  const size = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) * values.length);
  const ranks = statistic === 'sum' ? null : signedRanks(values);
  const sums = new Float64Array(falls);
  values.forEach((value, i) => {
    const added = ranks === null ? value : (ranks[i] ?? 0) + (size === 0 ? 0 : (TIE * value) / size);
    const row = signs.subarray((blocks[i] ?? 0) * falls, ((blocks[i] ?? 0) + 1) * falls);
    for (let fall = 0; fall < falls; fall++) sums[fall] = (sums[fall] ?? 0) + (row[fall] ?? 0) * added;
  });
  return sums;
}

/** For each sum the share of sums that are as large, or larger. Sums that differ by rounding only are equal. */
function shares(sums: Float64Array): Float64Array {
  const sorted = Float64Array.from(sums).sort();
  const slack = 1e-12 * Math.max(Math.abs(sorted[0] ?? 0), Math.abs(sorted.at(-1) ?? 0));
  return sums.map((sum) => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle] ?? 0) < sum - slack) low = middle + 1;
      else high = middle;
    }
    return (sorted.length - low) / sorted.length;
  });
}

/**
 * The ranks of the sizes with the signs of the values; equal ones share the mean of their ranks, and what is 0 has
 * none.
 */
function signedRanks(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((a, b) => Math.abs(values[a] ?? 0) - Math.abs(values[b] ?? 0));
  const ranks = values.map(() => 0);
  // An estimate is often the middle of two values, which are then equally far from it but for rounding.
  const slack = 1e-9 * Math.max(...values.map(Math.abs));
  for (let first = 0; first < order.length;) {
    const size = Math.abs(values[order[first] ?? 0] ?? 0);
    let next = first;
    while (next < order.length && Math.abs(values[order[next] ?? 0] ?? 0) <= size + slack) next += 1;
    const rank = (first + 1 + next) / 2;
    for (const index of order.slice(first, next)) ranks[index] = rank * Math.sign(values[index] ?? 0);
    first = next;
  }
  return ranks;
}
