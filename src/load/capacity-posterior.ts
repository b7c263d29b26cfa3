import type { Interval } from '../report/model.ts';

/** Whether the system kept the thresholds at a rate. */
export interface RateAnswer {
  readonly ratePerSecond: number;
  readonly kept: boolean;
}

/** What is known of the capacity after some answers. */
export interface CapacityEstimate {
  /** The median of what is likely, in requests per second. */
  readonly ratePerSecond: number;
  /** Holds the capacity with a probability of 95 %. */
  readonly interval: Interval;
  /** The capacity is below these with a probability of 30 % and 70 %: where the next answers tell most. */
  readonly tryNext: Interval;
}

const { exp } = Math;

const CONFIDENCE = 0.95;
const NEXT_SHARE = 0.3;
/** How far beyond the rates that were tried the capacity may be. */
const BEYOND = Math.log(2);
/** Of the grid, on the logarithm of the rate. */
const STEP = 0.01;
/**
 * Widths of the transition from always kept to never kept, on the logarithm of the rate: from a server that
 * answers one rate always in the same way to one that wavers by a sixth.
 */
const SPREADS = [0.005, 0.015, 0.05, 0.15];
/** A machine that stalls, or a neighbour that pauses, falsifies an answer now and then, whatever the rate is. */
const LAPSES = 0.02;

/**
 * What answers say about the capacity: the rate at which a step keeps the thresholds half of the time.
 *
 * Bayesian adaptive estimation, as of thresholds in psychophysics (QUEST: Watson and Pelli 1983, Perception
 * & Psychophysics 33:113; with the slope unknown: King-Smith and Rose 1997, Vision Research 37:1595). The
 * chance that a step keeps the thresholds falls with the logarithm of its rate as a logistic function, from
 * 98 % to 2 %. Before the first answer, each capacity (on the logarithm, up to twice beyond the rates that
 * were tried) and each of four spreads is as likely as any other. The interval is the middle 95 % of the
 * probability after the last answer, over all spreads.
 *
 * @param answers at least one that was kept and one that was not.
 */
export function estimateCapacity(answers: readonly RateAnswer[]): CapacityEstimate {
  const posterior = posteriorOf(answers);
  const below = (share: number): number => quantile(posterior, share);
  return {
    ratePerSecond: below(0.5),
    interval: { low: below((1 - CONFIDENCE) / 2), high: below((1 + CONFIDENCE) / 2) },
    tryNext: { low: below(NEXT_SHARE), high: below(1 - NEXT_SHARE) },
  };
}

interface Posterior {
  /** Logarithm of the rate of the first point of the grid. */
  readonly from: number;
  /** Sum to 1. */
  readonly probabilities: readonly number[];
}

function posteriorOf(answers: readonly RateAnswer[]): Posterior {
  const tried = answers.map(({ ratePerSecond, kept }) => ({ at: Math.log(ratePerSecond), kept }));
  const rates = tried.map(({ at }) => at);
  const from = Math.min(...rates) - BEYOND;
  const weights = new Float64Array(Math.ceil((Math.max(...rates) + BEYOND - from) / STEP) + 1);
  for (let index = 0; index < weights.length; index++) {
    const capacity = from + index * STEP;
    for (const spread of SPREADS) weights[index] = (weights[index] ?? 0) + likelihood(tried, capacity, spread);
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return { from, probabilities: Array.from(weights, (weight) => weight / total) };
}

/** No factor is below the share of lapses, so that dozens of answers do not make it vanish. */
function likelihood(tried: readonly { readonly at: number; readonly kept: boolean }[], capacity: number, spread: number): number {
  let product = 1;
  for (const { at, kept } of tried) product *= chanceOf(kept, at - capacity, spread);
  return product;
}

/** The chance of an answer at this distance (of logarithms) above the capacity. */
function chanceOf(kept: boolean, distance: number, spread: number): number {
  const chance = LAPSES + (1 - 2 * LAPSES) / (1 + exp(distance / spread));
  return kept ? chance : 1 - chance;
}

/** The probability of a point is spread evenly to half a step on both of its sides. */
function quantile({ from, probabilities }: Posterior, share: number): number {
  let below = 0;
  for (const [index, probability] of probabilities.entries()) {
    if (below + probability >= share) return Math.exp(from + (index - 0.5 + (share - below) / probability) * STEP);
    below += probability;
  }
  return Math.exp(from + (probabilities.length - 0.5) * STEP);
}
