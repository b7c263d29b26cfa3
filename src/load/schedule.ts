import { createRandom, type Random } from './random.ts';

/**
 * The order in which targets are asked: each request picks one uniformly at random, so that the
 * same seed gives the same sequence whatever the answers do.
 *
 * @returns a function that gives the index of the next target.
 */
export function targetSequence(targets: number, seed: string): () => number {
  const random = createRandom(`${seed}/targets`);
  return targets === 1 ? () => 0 : () => random.integer(targets);
}

/** Even gaps, or the exponentially distributed ones of independent users. */
export type Arrivals = 'constant' | 'poisson';

export interface ArrivalSettings {
  readonly arrivals: Arrivals;
  readonly ratePerSecond: number;
  /** The rate grows linearly from 0 over this time in milliseconds, then stays. */
  readonly rampUpMs: number;
  readonly seed: string;
}

/**
 * The moments at which requests of the open model are meant to leave.
 *
 * Arrivals of a unit rate (1, 2, 3, … or a unit Poisson process) are mapped through the inverse of
 * the cumulated rate (Cinlar's inversion for a nonhomogeneous Poisson process), which keeps both
 * kinds exact while the rate grows: during the ramp rate(t) = rate·t/ramp, so that t requests have
 * been meant to leave by sqrt(2·n·ramp/rate); after it n = rate·(t - ramp/2).
 *
 * @returns a function that gives the next moment in milliseconds after the start; never less than
 *   the one before.
 */
export function arrivalTimes(settings: ArrivalSettings): () => number {
  const { rampUpMs } = settings;
  const perMs = settings.ratePerSecond / 1000;
  const inRamp = (perMs * rampUpMs) / 2;
  const next = unitArrivals(settings.arrivals, createRandom(`${settings.seed}/arrivals`));
  return () => {
    const n = next();
    return n < inRamp ? Math.sqrt((2 * n * rampUpMs) / perMs) : n / perMs + rampUpMs / 2;
  };
}

/** Arrivals of rate 1; the constant ones start at 0, so that the first request leaves at once. */
function unitArrivals(arrivals: Arrivals, random: Random): () => number {
  let count = 0;
  let time = 0;
  return arrivals === 'constant' ? () => count++ : () => (time += random.exponential(1));
}
