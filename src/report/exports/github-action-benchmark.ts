import type { LatencySummary } from '../../model/load.ts';
import type { Interval } from '../../model/units.ts';
import { windowLength } from '../../text/numbers.ts';
import { loadModelText } from '../words/load-model-text.ts';
import { type MeasuredReport, namedRows } from './rows.ts';

/**
 * One figure for github-action-benchmark, whose tools `customSmallerIsBetter` and `customBiggerIsBetter` read a list of
 * them (https://github.com/benchmark-action/github-action-benchmark, `BenchmarkResult` in src/extract.ts). It groups
 * figures of several runs by `name`.
 */
export interface Benchmark {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  /** The uncertainty of the value, as text. */
  readonly range?: string;
  /** Shown next to the value. */
  readonly extra?: string;
}

const LATENCIES = ['avg', 'p50', 'p90', 'p95', 'p99'] as const satisfies (keyof LatencySummary)[];

/** Latency, failures, CPU and memory. Figures that were not measured are left out. */
export function smallerIsBetter({ load, resources }: MeasuredReport): Benchmark[] {
  const { uncertainty } = load;
  const extra = extraOf(load);
  const intervals: Partial<Record<keyof LatencySummary, Interval | null | undefined>> = {
    p50: uncertainty?.p50Ms,
    p90: uncertainty?.p90Ms,
    p95: uncertainty?.p95Ms,
    p99: uncertainty?.p99Ms,
  };
  const requests = namedRows(load).flatMap(({ name, result }) => {
    const { latencyMs, sent, failed } = result;
    const latencies =
      latencyMs === null
        ? []
        : LATENCIES.map((figure) => ({
            name: `${name}: ${figure}`,
            unit: 'ms',
            value: latencyMs[figure],
            ...rangeOf(result === load.total ? intervals[figure] : null),
            extra,
          }));
    return [
      ...latencies,
      ...(sent === 0 ? [] : [{ name: `${name}: failed requests`, unit: 'share', value: failed / sent, extra }]),
    ];
  });
  const workloads = (resources?.workloads ?? []).flatMap(({ namespace, name, cpuCores, memoryBytes }) => [
    ...measured(`${namespace}/${name}: CPU`, 'cores', cpuCores.value),
    ...measured(`${namespace}/${name}: memory`, 'bytes', memoryBytes.value),
  ]);
  return [...requests, ...workloads];
}

/** Throughput, and the capacity if it was searched for. */
export function biggerIsBetter({ load, capacity }: MeasuredReport): Benchmark[] {
  const found = measured('capacity', 'requests/s', capacity?.ratePerSecond ?? null).map((benchmark) => ({
    ...benchmark,
    ...rangeOf(capacity?.interval),
  }));
  const throughput = namedRows(load).flatMap(({ name, result }) =>
    measured(`${name}: throughput`, 'requests/s', result.requestsPerSecond).map((benchmark) => ({
      ...benchmark,
      ...rangeOf(result === load.total ? load.uncertainty?.requestsPerSecond : null),
      extra: extraOf(load),
    })),
  );
  return [...found, ...throughput];
}

const measured = (name: string, unit: string, value: number | null): Benchmark[] =>
  value === null ? [] : [{ name, unit, value }];

const rangeOf = (interval: Interval | null | undefined): { range?: string } =>
  interval === null || interval === undefined ? {} : { range: `${String(interval.low)} to ${String(interval.high)}` };

const extraOf = (load: MeasuredReport['load']): string =>
  `${String(load.total.sent)} requests in ${windowLength(load.durationSeconds)}\n${loadModelText(load)}`;
