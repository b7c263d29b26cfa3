import { z } from 'zod';
import { count, list, text } from './units.ts';

/** A figure of base and the same of head. */
const ofBoth = z.strictObject({ base: z.number(), head: z.number() });

const profiledSide = z.strictObject({
  /** The pod that was profiled, of how many that were ready. */
  pod: text,
  pods: count,
  /** The profile as it came, relative to the output folder. */
  file: text,
  /** How long it was profiled, and what the version answered in that time. */
  seconds: z.number().min(0),
  requests: z.number().min(0),
  /** How often it was looked what runs: of few samples, small differences are chance. */
  samples: z.number().min(0),
});

/**
 * What a workload of both versions spent its CPU time on, in one window each after the comparison. All figures are for 1,000 answered requests and all ready
 * pods of the workload, in `unit`: CPU time in milliseconds, or samples where the profile has no times.
 */
export const profiledWorkload = z.strictObject({
  workload: text,
  unit: z.enum(['ms', 'samples']),
  base: profiledSide,
  head: profiledSide,
  total: ofBoth,
  /** The functions whose own time changed most, those first. */
  functions: list(
    z.strictObject({
      name: text,
      /** Without what it called. */
      self: ofBoth,
      /** With it. */
      whole: ofBoth,
    }),
  ),
  /** From the outermost function to the innermost one that still has most of what head spends more; empty when it spends no more. */
  path: list(text),
  /** The stacks of both as one tree, parents before their children; small parts are left out. */
  flame: z.strictObject({
    names: list(text),
    nodes: list(
      z.strictObject({
        /** 0 is outermost. */
        depth: count,
        /** Place in `names`. */
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
