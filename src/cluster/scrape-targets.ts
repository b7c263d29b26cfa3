import { z } from 'zod';
import type { Observation } from '../wait.ts';

/** The part of Prometheus' /api/v1/targets that is read here. */
export const targetsSchema = z.object({
  activeTargets: z.array(
    z.object({
      labels: z.record(z.string(), z.string()),
      scrapeUrl: z.string(),
      health: z.string(),
      lastError: z.string().default(''),
    }),
  ),
});

export interface ScrapeState {
  readonly targets: z.infer<typeof targetsSchema>['activeTargets'];
  /** Samples of `up` so far, by scrape target: `job/instance`. */
  readonly samples: ReadonlyMap<string, number>;
}

/** A rate needs two samples. */
const NEEDED_SAMPLES = 2;

/** Whether every target is scraped and has the samples that a rate needs; the value is their number. */
export function observeTargets({ targets, samples }: ScrapeState): Observation<number> {
  if (targets.length === 0) return { ready: false, why: 'it has no targets yet' };
  const down = targets.find(({ health }) => health !== 'up');
  if (down !== undefined) {
    return { ready: false, why: `target ${down.scrapeUrl} is ${down.health}${down.lastError === '' ? '' : `: ${down.lastError}`}` };
  }
  const short = targets.find((target) => (samples.get(targetKey(target.labels)) ?? 0) < NEEDED_SAMPLES);
  if (short !== undefined) return { ready: false, why: `target ${short.scrapeUrl} has fewer than ${String(NEEDED_SAMPLES)} samples` };
  return { ready: true, value: targets.length };
}

export const targetKey = (labels: Readonly<Record<string, string>>): string => `${labels['job'] ?? ''}/${labels['instance'] ?? ''}`;
