import type { Interval } from '../../model/units.ts';

/** Whether the system kept the thresholds at a rate. */
export interface RateAnswer {
  readonly ratePerSecond: number;
  readonly kept: boolean;
}

/** What some answers say about the capacity. */
export interface CapacityEstimate {
  /** The median of what is likely, in requests per second. */
  readonly ratePerSecond: number;
  /** Contains the capacity with a probability of 95 %. */
  readonly interval: Interval;
  /** The next rates to try, in turn: the capacity is below them with a probability of 30, 70, 10 and 90 %. */
  readonly tryNext: readonly number[];
}

/** How the capacities of two versions compare. */
export interface RatioEstimate {
  /** The median of what is likely of head / base. */
  readonly ratio: number;
  /** Contains head / base with a probability of 95 %. */
  readonly interval: Interval;
}

const { exp } = Math;

const CONFIDENCE = 0.95;
/**
 * Answers near the capacity say most about it, those farther away about how wide the transition is. Without these,
 * nothing shows that a steady system is steady.
 */
const NEXT_SHARES = [0.3, 0.7, 0.1, 0.9];
/** How far beyond the tried rates the capacity may be. */
const BEYOND = Math.log(2);
/** Of the grid, on the logarithm of the rate. */
const STEP = 0.01;
const COARSE_STEP = 5 * STEP;
/**
 * Widths of the transition from always kept to never kept, on the logarithm of the rate: from a server that answers one
 * rate always in the same way to one that wavers by a sixth. The wide ones are given more weight than the narrow ones
 * before the first answer: a few answers of a system that wavers can look like those of a steady one, and an interval
 * that is too narrow does more harm than one that takes some steps more. docs/statistics.md has what comes of equal
 * weights.
 */
const SPREADS: readonly { readonly spread: number; readonly weight: number }[] = [
  { spread: 0.005, weight: 1 },
  { spread: 0.015, weight: 1 },
  { spread: 0.05, weight: 2 },
  { spread: 0.15, weight: 4 },
];
/** A machine that stalls, or a neighbour that pauses, gives a wrong answer now and then, at any rate. */
const LAPSES = 0.02;
/** Less likely points of the grid do not move a quantile. */
const NEGLIGIBLE = 1e-9;
/** This many spreads away from the capacity, the logistic function is 0 or 1 to the last significant digit. */
const FAR = 30;

/**
 * What answers say about the capacity: the rate at which a step keeps the thresholds half of the time.
 *
 * Bayesian adaptive estimation, as of thresholds in psychophysics (QUEST: Watson and Pelli 1983, Perception &
 * Psychophysics 33:113; with the slope unknown: King-Smith and Rose 1997, Vision Research 37:1595). The chance that a
 * step keeps the thresholds falls with the logarithm of its rate as a logistic function, from 98 % to 2 %. Before the
 * first answer, each capacity (on the logarithm, up to twice beyond the rates that were tried) is as likely as any
 * other, and each of four spreads has its weight. The interval is the middle 95 % of the probability after the last
 * answer, over all spreads.
 *
 * @param answers at least one that was kept and one that was not.
 */
export function estimateCapacity(answers: readonly RateAnswer[]): CapacityEstimate {
  const posterior = posteriorOf(answers);
  const below = (share: number): number => quantile(posterior, share);
  return {
    ratePerSecond: below(0.5),
    interval: { low: below((1 - CONFIDENCE) / 2), high: below((1 + CONFIDENCE) / 2) },
    tryNext: NEXT_SHARES.map(below),
  };
}

/**
 * What the answers of two versions say about the ratio of their capacities: the logarithm of it is the difference of
 * two independent quantities, each with the probabilities of `estimateCapacity`, and has their convolution. The
 * versions share no parameter: that one of them wavers says nothing about the other.
 *
 * Drift of the machine that meets both alike makes both transitions wider, and leaves the ratio as it is, so that the
 * interval is cautious then.
 *
 * @param base at least one that was kept and one that was not; `head` as well.
 */
export function estimateRatio(base: readonly RateAnswer[], head: readonly RateAnswer[]): RatioEstimate {
  const posterior = differenceOf(posteriorOf(head), posteriorOf(base));
  const below = (share: number): number => quantile(posterior, share);
  return { ratio: below(0.5), interval: { low: below((1 - CONFIDENCE) / 2), high: below((1 + CONFIDENCE) / 2) } };
}

interface Posterior {
  /** Logarithm of the rate of the first point of the grid. */
  readonly from: number;
  /** Sum to 1. */
  readonly probabilities: readonly number[];
}

/**
 * First on a coarse grid over everything that is possible, then on a fine one where anything is likely, which most of
 * the range never is.
 */
function posteriorOf(answers: readonly RateAnswer[]): Posterior {
  const tried = answers.map(({ ratePerSecond, kept }) => ({ at: Math.log(ratePerSecond), kept }));
  const rates = tried.map(({ at }) => at);
  const coarse = onGrid(tried, { low: Math.min(...rates) - BEYOND, high: Math.max(...rates) + BEYOND }, COARSE_STEP);
  const likely = coarse.probabilities.flatMap((probability, index) =>
    probability > NEGLIGIBLE ? [coarse.from + index * COARSE_STEP] : [],
  );
  return onGrid(
    tried,
    {
      low: Math.max(coarse.from, Math.min(...likely) - COARSE_STEP),
      high: Math.min(coarse.from + coarse.probabilities.length * COARSE_STEP, Math.max(...likely) + COARSE_STEP),
    },
    STEP,
  );
}

function onGrid(tried: readonly Tried[], { low, high }: Interval, step: number): Posterior {
  const weights = new Float64Array(Math.ceil((high - low) / step) + 1);
  for (let index = 0; index < weights.length; index++) {
    const capacity = low + index * step;
    for (const { spread, weight } of SPREADS)
      weights[index] = (weights[index] ?? 0) + weight * likelihood(tried, capacity, spread);
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return { from: low, probabilities: Array.from(weights, (weight) => weight / total) };
}

interface Tried {
  /** Logarithm of the rate. */
  readonly at: number;
  readonly kept: boolean;
}

/** Of a - b, for independent a and b. */
function differenceOf(a: Posterior, b: Posterior): Posterior {
  const probabilities = new Float64Array(a.probabilities.length + b.probabilities.length - 1);
  const last = b.probabilities.length - 1;
  const likely = [...b.probabilities.entries()].filter(([, other]) => other > NEGLIGIBLE);
  for (const [i, one] of a.probabilities.entries()) {
    if (one <= NEGLIGIBLE) continue;
    for (const [j, other] of likely) {
      const at = i - j + last;
      probabilities[at] = (probabilities[at] ?? 0) + one * other;
    }
  }
  return { from: a.from - b.from - last * STEP, probabilities: Array.from(probabilities) };
}

/** No factor is below the share of lapses, so dozens of answers do not make it vanish. */
function likelihood(tried: readonly Tried[], capacity: number, spread: number): number {
  let product = 1;
  for (const { at, kept } of tried) product *= chanceOf(kept, at - capacity, spread);
  return product;
}

/** The chance of an answer at this distance (of logarithms) above the capacity. */
function chanceOf(kept: boolean, distance: number, spread: number): number {
  const spreads = distance / spread;
  const logistic = spreads > FAR ? 0 : spreads < -FAR ? 1 : 1 / (1 + exp(spreads));
  const chance = LAPSES + (1 - 2 * LAPSES) * logistic;
  return kept ? chance : 1 - chance;
}

/** The probability of a point is spread evenly to half a step on both sides. */
function quantile({ from, probabilities }: Posterior, share: number): number {
  let below = 0;
  for (const [index, probability] of probabilities.entries()) {
    if (below + probability >= share) return Math.exp(from + (index - 0.5 + (share - below) / probability) * STEP);
    below += probability;
  }
  return Math.exp(from + (probabilities.length - 0.5) * STEP);
}
