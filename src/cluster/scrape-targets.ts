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

export type ScrapeTarget = z.infer<typeof targetsSchema>['activeTargets'][number];

/** The job in manifests/platform/prometheus that has a target for each node. */
const NODES_JOB = 'cadvisor';

/**
 * Whether every target was scraped, that of each node among them; the value is their number. Prometheus looks
 * for new targets every few seconds, so that it may not know a node yet that has just joined.
 */
export function observeTargets(targets: readonly ScrapeTarget[], nodes: readonly string[]): Observation<number> {
  if (targets.length === 0) return { ready: false, why: 'it has no targets yet' };
  const unknown = nodes.find(
    (node) => !targets.some(({ labels }) => labels['job'] === NODES_JOB && labels['node'] === node),
  );
  if (unknown !== undefined) return { ready: false, why: `it has no target on node ${unknown} yet` };
  const down = targets.find(({ health }) => health !== 'up');
  if (down !== undefined)
    return {
      ready: false,
      why: `target ${down.scrapeUrl} is ${down.health}${down.lastError === '' ? '' : `: ${down.lastError}`}`,
    };
  return { ready: true, value: targets.length };
}
