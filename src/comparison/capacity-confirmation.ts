import { isSpoilt } from '../load/capacity/capacity-search.ts';
import { createRandom } from '../load/random.ts';
import type { CapacityPair } from '../model/comparison.ts';
import type { Side } from '../model/sides.ts';
import type { Change } from './metrics.ts';

/**
 * Fresh pairs until the confirmation is first looked at, and again until its second look: six that agree are the least
 * that confirm anything.
 */
export const PAIRS_PER_LOOK = 6;

/**
 * Both versions are restarted before each part of this many pairs: no claim can rest on one start, as fewer than five
 * pairs confirm nothing.
 */
export const PAIRS_PER_START = 3;

/** The rates at which the versions of a pair are loaded, in requests per second. */
export interface PairRates {
  readonly base: number;
  readonly head: number;
}

/**
 * Rates between the capacities, that of the version that held more higher by the tolerance.
 *
 * When the capacity of head is lower by just the tolerance (the border of what does not matter), both are as far from
 * their own capacity, so that one breaks the thresholds as easily as the other. When it is lower by more, base is below
 * its capacity by as much as head is above its own, which is where a pair tells most. So it is, the other way round,
 * when head held more.
 *
 * @param capacities what the search has found.
 * @param tolerance the change that does not matter, as a share.
 */
export function pairRates({ base, head }: PairRates, tolerance: number, change: Change): PairRates {
  const middle = Math.sqrt(base * head);
  const margin = Math.sqrt(1 + tolerance);
  const [more, less] = [middle * margin, middle / margin];
  return change === 'slower' ? { base: more, head: less } : { base: less, head: more };
}

/**
 * Which version goes first in each pair: a fair coin for each of them, from the seed and the run. It makes the pairs a
 * randomized experiment, so that the test below needs no assumption about the noise of the machine (Fisher 1935, The
 * Design of Experiments, chapter 3).
 *
 * @returns a function that tells for the next pair whether base goes first.
 */
export function pairCoin(seed: string, run: string): () => boolean {
  const random = createRandom(`${seed}/pairs of ${run}`);
  return () => random.uniform() < 0.5;
}

/**
 * The probability of pairs that favour a change this clearly, or more clearly, if it were no larger than the tolerance:
 * the exact sign test of the pairs in which one version kept the thresholds and the other did not (McNemar 1947,
 * Psychometrika 12:153; with the binomial distribution instead of its approximation). A pair spoilt by a saturated
 * generator does not count.
 */
export function pairsPValue(pairs: readonly CapacityPair[], change: Change): number {
  const { bearOut, others } = discordant(pairs, change);
  return binomialTail(bearOut + others, bearOut);
}

/** Whether this many further pairs could bring the probability down to `error`. */
export function canConfirm(pairs: readonly CapacityPair[], change: Change, further: number, error: number): boolean {
  const { bearOut, others } = discordant(pairs, change);
  return binomialTail(bearOut + further + others, bearOut + further) <= error;
}

/** Pairs in which one version alone kept the thresholds: the one that the change says, or the other. */
export function discordant(
  pairs: readonly CapacityPair[],
  change: Change,
): { readonly bearOut: number; readonly others: number } {
  const counted = pairs.filter(({ base, head }) => !isSpoilt(base) && !isSpoilt(head));
  const only = (side: Side): number => counted.filter((pair) => pair[side].kept && !pair[otherOf(side)].kept).length;
  const more = change === 'slower' ? 'base' : 'head';
  return { bearOut: only(more), others: only(otherOf(more)) };
}

const otherOf = (side: Side): Side => (side === 'base' ? 'head' : 'base');

/** The probability of at least `least` heads in `n` throws of a fair coin. */
function binomialTail(n: number, least: number): number {
  let [probability, tail] = [2 ** -n, 0];
  for (let heads = 0; heads <= n; heads++) {
    if (heads >= least) tail += probability;
    probability *= (n - heads) / (heads + 1);
  }
  return Math.min(1, tail);
}
