import { z } from 'zod';
import { count, list, text } from './units.ts';

/** A figure of base and of head. */
const ofBoth = z.strictObject({ base: z.number(), head: z.number() });

const profiledSide = z.strictObject({
  /** The pod that was profiled, and how many were ready. */
  pod: text,
  pods: count,
  /** The profile as received, relative to the output folder. */
  file: text,
  /** How long it was profiled, and what the version answered in that time. */
  seconds: z.number().min(0),
  requests: z.number().min(0),
  /** The number of samples: with few, small differences are chance. */
  samples: z.number().min(0),
});

/**
 * Where a workload of both versions spent its CPU time, in one window each after the comparison. All figures are per
 * 1,000 answered requests and for all ready pods of the workload, in `unit`: CPU time in milliseconds, or samples when
 * the profile has no times.
 */
export const profiledWorkload = z.strictObject({
  workload: text,
  unit: z.enum(['ms', 'samples']),
  base: profiledSide,
  head: profiledSide,
  total: ofBoth,
  /** The functions whose own time changed most, in descending order. */
  functions: list(
    z.strictObject({
      name: text,
      /** Without the functions that it called. */
      self: ofBoth,
      /** Including the functions that it called. */
      whole: ofBoth,
    }),
  ),
  /**
   * From the outermost function to the innermost one that still has most of head's extra time; empty when head takes no
   * longer.
   */
  path: list(text),
  /** The stacks of both as one tree, parents before children; small parts are left out. */
  flame: z.strictObject({
    names: list(text),
    nodes: list(
      z.strictObject({
        /** 0 is outermost. */
        depth: count,
        /** Index in `names`. */
        name: count,
        base: z.number(),
        head: z.number(),
      }),
    ),
  }),
});
export type ProfiledWorkload = z.infer<typeof profiledWorkload>;
export type ProfiledSide = z.infer<typeof profiledSide>;
export type Flame = ProfiledWorkload['flame'];
