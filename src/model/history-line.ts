import { z } from 'zod';
import { comparedMetric, comparisonVerdict } from './comparison.ts';
import { interval, list, nullableNumber, table, text, timestamp } from './units.ts';

/**
 * What one run adds to its history, as one line of JSON. A reader takes every line whose version it knows, and ignores
 * the others.
 */
export const historyLine = z.object({
  version: z.literal(1),
  /** When the run ended. */
  at: timestamp,
  commit: text.nullable(),
  ref: text.nullable(),
  /** Where to read the log of the run. */
  url: text.nullable(),
  /** Of the run: `passed`, `failed` and so on. */
  result: text,
  /** Processors and memory, in words; absolute figures of two machines are never put side by side. */
  machine: text.nullable(),
  /** The inputs that decide what was sent. */
  load: table(text),
  /** Absolute figures: those of head after a comparison. */
  figures: list(z.object({ metric: text, unit: text, value: nullableNumber, interval: interval.nullable() })),
  /** Head against base, each on its scale; missing when only one version was loaded. */
  comparison: z
    .object({
      verdict: comparisonVerdict,
      confirmed: z.boolean().nullable(),
      metrics: list(
        z.object({
          metric: comparedMetric,
          scale: z.enum(['ratio', 'difference']),
          better: z.enum(['higher', 'lower']),
          estimate: nullableNumber,
          interval: interval.nullable(),
          verdict: comparisonVerdict,
        }),
      ),
      /** For each pair of rounds: the ratio of head to base in each metric that both have, in order. */
      pairs: table(list(z.number())),
    })
    .optional(),
});
export type HistoryLine = z.infer<typeof historyLine>;
