import type { HostResult, Uncertainty } from '../../model/load.ts';
import type { Interval } from '../../model/units.ts';
import { type MeasuredReport, namedRows } from './rows.ts';

interface Metric {
  readonly value: number;
  readonly lower_value?: number;
  readonly upper_value?: number;
}

/**
 * Metrics by benchmark and by the slug of the measure, as Bencher's adapter `json` reads them
 * (https://bencher.dev/bmf.json).
 */
export type BencherMetrics = Readonly<Record<string, Readonly<Record<string, Metric>>>>;

const NANOSECONDS_PER_MS = 1_000_000;
/** Bencher refuses longer names of benchmarks. */
const LONGEST_NAME = 1024;

/**
 * The figures in the Bencher Metric Format: a benchmark is a host, or a workload. Bencher's own measures `latency`
 * (nanoseconds) and `throughput` (operations per second) keep their units, and all other durations are in nanoseconds
 * too. Figures that were not measured are left out.
 */
export function bencherMetrics({ load, resources, capacity }: MeasuredReport): BencherMetrics {
  const rows = namedRows(load).map(
    ({ name, result }) => [name, measuresOf(result, result === load.total ? load.uncertainty : undefined)] as const,
  );
  const workloads = (resources?.workloads ?? []).map(
    ({ namespace, name, cpuCores, memoryBytes }) =>
      [
        `${namespace}/${name}`,
        { ...measure('cpu-cores', cpuCores.value), ...measure('memory-bytes', memoryBytes.value) },
      ] as const,
  );
  const found = measure('capacity', capacity?.ratePerSecond ?? null, capacity?.interval);
  const filled = [
    ...rows.map(([name, measures], index) => [name, index === 0 ? { ...measures, ...found } : measures] as const),
    ...workloads,
  ].filter(([, measures]) => Object.keys(measures).length > 0);
  return Object.fromEntries(filled.map(([name, measures]) => [name.slice(0, LONGEST_NAME), measures]));
}

function measuresOf(
  { latencyMs, requestsPerSecond, sent, failed }: HostResult,
  uncertainty: Uncertainty | undefined,
): Record<string, Metric> {
  const duration = (slug: string, ms: number | undefined, interval?: Interval | null): Record<string, Metric> =>
    measure(
      slug,
      ms === undefined ? null : ms * NANOSECONDS_PER_MS,
      interval === null || interval === undefined
        ? null
        : { low: interval.low * NANOSECONDS_PER_MS, high: interval.high * NANOSECONDS_PER_MS },
    );
  return {
    ...duration('latency', latencyMs?.avg),
    ...duration('latency-p50', latencyMs?.p50, uncertainty?.p50Ms),
    ...duration('latency-p90', latencyMs?.p90, uncertainty?.p90Ms),
    ...duration('latency-p95', latencyMs?.p95, uncertainty?.p95Ms),
    ...duration('latency-p99', latencyMs?.p99, uncertainty?.p99Ms),
    ...measure('throughput', requestsPerSecond, uncertainty?.requestsPerSecond),
    ...measure('failed-share', sent === 0 ? null : failed / sent),
  };
}

const measure = (slug: string, value: number | null, interval?: Interval | null): Record<string, Metric> =>
  value === null
    ? {}
    : {
        [slug]: {
          value,
          ...(interval === null || interval === undefined
            ? {}
            : { lower_value: interval.low, upper_value: interval.high }),
        },
      };
