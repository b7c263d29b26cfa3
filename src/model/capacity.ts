import { z } from 'zod';
import { count, interval, list, nullableNumber, text } from './units.ts';

/** One rate that a search for the capacity tried. */
export const capacityStep = z.strictObject({
  ratePerSecond: z.number(),
  /** Length of the measured part. */
  durationSeconds: z.number().min(0),
  sent: count,
  failed: count,
  /** Requests that were due and never left. */
  notSent: count,
  latencyMs: z.strictObject({ p50: z.number(), p95: z.number(), p99: z.number() }).nullable(),
  /** Whether the system kept the thresholds and kept up with the rate. */
  kept: z.boolean(),
  /** Why not, in a part of a sentence. */
  reason: text.nullable(),
  /** True when the generator was the limit: a step that was not kept is not counted then. */
  generatorLimited: z.boolean(),
});
export type CapacityStep = z.infer<typeof capacityStep>;

/** Why a search ended: the interval was narrow enough; time or steps were used up; the generator was the limit; rates beyond are not tried. */
const capacityEnd = z.enum(['precise', 'time', 'steps', 'generator', 'range', 'cancelled']);
export type CapacityEnd = z.infer<typeof capacityEnd>;

/** The highest rate of an open load that keeps the thresholds; docs/capacity.md says how it is found. */
export const capacity = z.strictObject({
  /** Where half of the steps would keep the thresholds; null when no step kept or none broke them. */
  ratePerSecond: nullableNumber,
  /** Holds it with a probability of 95 %. */
  interval: interval.nullable(),
  /** Over the steps that count. */
  highestKept: nullableNumber,
  lowestBroken: nullableNumber,
  end: capacityEnd,
  /** In the order in which they were run. */
  steps: list(capacityStep),
});
export type CapacityResult = z.infer<typeof capacity>;
