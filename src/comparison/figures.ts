import type { Comparison, RoundFigures } from '../model/comparison.ts';
import type { LoadResult } from '../model/load.ts';
import type { MeasuredFigures } from './metrics.ts';
import { mediansOf } from './times.ts';

/** What the pods of a version used in a window. */
export interface WindowResources {
  /** CPU time that was used in the window; null when not measured. */
  readonly cpuSeconds: number | null;
  readonly memoryBytes: number | null;
  /** CPU time of each workload of the version, if known. */
  readonly workloads?: readonly { readonly name: string; readonly cpuSeconds: number }[];
}

/** The figures of one window, from the load engine and the metrics of the cluster. */
export function figuresOf(load: LoadResult, resources: WindowResources | null): MeasuredFigures {
  const { total } = load;
  const answered = Object.values(total.statuses).reduce((sum, count) => sum + count, 0);
  const cpuSeconds = resources?.cpuSeconds ?? null;
  return {
    startedAt: load.startedAt,
    durationSeconds: load.durationSeconds,
    sent: total.sent,
    failed: total.failed,
    requestsPerSecond: total.requestsPerSecond,
    latencyMs:
      total.latencyMs === null
        ? null
        : { p50: total.latencyMs.p50, p90: total.latencyMs.p90, p95: total.latencyMs.p95, p99: total.latencyMs.p99 },
    cpuSecondsPerRequest: cpuSeconds === null || answered === 0 ? null : cpuSeconds / answered,
    memoryBytes: resources?.memoryBytes ?? null,
    generatorLimited: load.generator?.limited === true && load.generator.heldUp !== true,
    requests: [
      ...load.hosts.map(({ latencyMs, sent, failed }) => ({ p50Ms: latencyMs?.p50 ?? null, sent, failed })),
      ...mediansOf(load).map((p50Ms) => ({ p50Ms })),
    ],
    generatorHeldUp: load.generator?.limited === true && load.generator.heldUp === true,
    ...(resources?.workloads === undefined || answered === 0
      ? {}
      : {
          workloads: resources.workloads.map(({ name, cpuSeconds: each }) => ({
            name,
            cpuSecondsPerRequest: each / answered,
          })),
        }),
    ...addedOf(load.generator),
    ...(OF_A_BUSY_GENERATOR.some((failure) => (total.failures[failure] ?? 0) > 0) ? {} : { failuresCount: true }),
  };
}

/** Ways to fail that a generator brings about which comes round too late, or has nothing left to connect with. */
const OF_A_BUSY_GENERATOR = ['timeout', 'client-resource'] as const;

function addedOf(generator: LoadResult['generator']): Pick<RoundFigures, 'addedMs'> {
  if (generator?.addedMs === undefined) return {};
  const { p50, p90, p95, p99 } = generator.addedMs;
  return { addedMs: { p50, p90, p95, p99 } };
}

type LatencyHistogram = NonNullable<LoadResult['total']['latencyHistogram']>;

/** The histograms of both versions with the same edges; null when one of them is empty. */
export function alignHistograms(
  base: readonly LatencyHistogram[],
  head: readonly LatencyHistogram[],
): Comparison['latencyHistograms'] {
  const edges = [...new Set([...base, ...head].flatMap(({ edgesMs }) => edgesMs))].sort((a, b) => a - b);
  if (base.length === 0 || head.length === 0) return null;
  const sum = (histograms: readonly LatencyHistogram[]): LatencyHistogram => {
    const counts = edges.slice(1).map(() => 0);
    // Buckets of all histograms have edges of the same grid, so that each begins with one of `edges`.
    for (const histogram of histograms) {
      histogram.counts.forEach((count, bucket) => {
        const place = edges.indexOf(histogram.edgesMs[bucket] ?? NaN);
        counts[place] = (counts[place] ?? 0) + count;
      });
    }
    return { edgesMs: edges, counts };
  };
  return { base: sum(base), head: sum(head) };
}
