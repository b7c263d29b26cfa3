import { z } from 'zod';
import { count, interval, list, nullableNumber, text } from './units.ts';

/** One rate that a capacity search tried. */
export const capacityStep = z.strictObject({
  ratePerSecond: z.number(),
  /** The length of the measured part. */
  durationSeconds: z.number().min(0),
  sent: count,
  failed: count,
  /** Requests that were due but never sent. */
  notSent: count,
  latencyMs: z.strictObject({ p50: z.number(), p95: z.number(), p99: z.number() }).nullable(),
  /** Whether the system kept the thresholds and kept up with the rate. */
  kept: z.boolean(),
  /** Why not, as part of a sentence. */
  reason: text.nullable(),
  /** True when the generator was saturated; a broken step does not count then. */
  generatorLimited: z.boolean(),
});
export type CapacityStep = z.infer<typeof capacityStep>;

/**
 * Why a search ended: the interval was narrow enough; time or steps were used up; the generator was saturated; higher
 * rates are not tried.
 */
const capacityEnd = z.enum(['precise', 'time', 'steps', 'generator', 'range', 'cancelled']);
export type CapacityEnd = z.infer<typeof capacityEnd>;

/** The highest rate of an open load that keeps the thresholds; docs/capacity.md explains how it is found. */
export const capacity = z.strictObject({
  /** Where half of the steps would keep the thresholds; null when no step kept them or none broke them. */
  ratePerSecond: nullableNumber,
  /** Contains it with a probability of 95 %. */
  interval: interval.nullable(),
  /** Over the steps that count. */
  highestKept: nullableNumber,
  lowestBroken: nullableNumber,
  end: capacityEnd,
  /** In the order in which they were run. */
  steps: list(capacityStep),
});
export type CapacityResult = z.infer<typeof capacity>;
