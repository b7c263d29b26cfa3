import { createRandom, type Random } from '../random.ts';
import type { LoadShare, Target } from '../requests/plan.ts';

/**
 * The order in which targets are requested: each request picks one at random, by weight, so the same seed gives the
 * same sequence whatever the answers are.
 *
 * @returns a function that gives the index of the next target.
 */
export function targetSequence(targets: readonly Pick<Target, 'weight'>[], seed: string): () => number {
  if (targets.length === 1) return () => 0;
  const random = createRandom(`${seed}/targets`);
  // Weights are whole numbers: a table with as many entries as their sum takes one lookup for each request.
  const places = targets.flatMap(({ weight = 1 }, index) => Array.from({ length: weight }, () => index));
  return () => places[random.integer(places.length)] ?? 0;
}

/**
 * The values for placeholders of requests. It is a separate stream, so the sequence of targets is the same whatever
 * their requests contain.
 */
export const valueStream = (seed: string): Random => createRandom(`${seed}/values`);

/** Even gaps, or exponentially distributed ones as from independent users. */
type Arrivals = 'constant' | 'poisson';

export interface ArrivalSettings {
  readonly arrivals: Arrivals;
  readonly ratePerSecond: number;
  /** The rate grows linearly from 0 over this time in milliseconds, then stays. */
  readonly rampUpMs: number;
  readonly seed: string;
  /** Only every `of`-th arrival, starting with number `index`. */
  readonly share?: LoadShare | undefined;
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
  const random = createRandom(`${settings.seed}/arrivals`);
  const next = unitArrivals(settings.arrivals, random, settings.share ?? { index: 0, of: 1 });
  return () => {
    const n = next();
    return n < inRamp ? Math.sqrt((2 * n * rampUpMs) / perMs) : n / perMs + rampUpMs / 2;
  };
}

/**
 * The share of arrivals of rate 1. The constant ones start at 0, so that the first request leaves
 * at once. Every n-th of a Poisson process is none, but n independent ones of an n-th of the rate
 * add up to one (superposition).
 */
export function unitArrivals(arrivals: Arrivals, random: Random, { index, of }: LoadShare): () => number {
  let count = 0;
  let time = 0;
  return arrivals === 'constant' ? () => index + of * count++ : () => (time += random.exponential(of));
}
