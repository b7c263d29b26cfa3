import type { ComparisonRound, MetricComparison, RoundFigures } from '../model/comparison.ts';
import { ROUNDS_PER_BLOCK } from './plan.ts';

/** A metric that base and head are compared in. */
export interface Metric extends Pick<MetricComparison, 'metric' | 'unit' | 'better' | 'primary' | 'scale'> {
  /** True when failed requests are left out of it, so that it can look better for failing. */
  readonly overAnswered: boolean;
  /**
   * True when all rounds see the same state of the same pods: a difference between the pods of equal versions is in every
   * round alike, so that rounds can't tell it from one between the versions.
   */
  readonly ofPods?: boolean;
  readonly figure: (figures: RoundFigures) => number | null;
}

const latency = (percentile: 'p50' | 'p90' | 'p95' | 'p99', primary: boolean): Metric => ({
  metric: `latency-${percentile}`,
  unit: 'ms',
  better: 'lower',
  primary,
  scale: 'ratio',
  overAnswered: true,
  figure: ({ latencyMs }) => latencyMs?.[percentile] ?? null,
});

/**
 * All metrics, in the order of the report. The highest percentiles, CPU and memory can raise an alarm but need not be settled
 * for the answer "no difference": a p99 of a round rests on one request in a hundred and is often too noisy for that.
 */
export const METRICS: readonly Metric[] = [
  {
    metric: 'requests-per-second',
    unit: 'per second',
    better: 'higher',
    primary: true,
    scale: 'ratio',
    overAnswered: true,
    figure: ({ requestsPerSecond }) => requestsPerSecond,
  },
  latency('p50', true),
  latency('p90', true),
  latency('p95', false),
  latency('p99', false),
  {
    metric: 'cpu-per-request',
    unit: 'seconds',
    better: 'lower',
    primary: false,
    scale: 'ratio',
    overAnswered: true,
    figure: ({ cpuSecondsPerRequest }) => cpuSecondsPerRequest,
  },
  {
    metric: 'memory',
    unit: 'bytes',
    better: 'lower',
    primary: false,
    scale: 'ratio',
    overAnswered: false,
    ofPods: true,
    figure: ({ memoryBytes }) => memoryBytes,
  },
  {
    metric: 'failed-share',
    unit: 'share',
    better: 'lower',
    primary: true,
    scale: 'difference',
    overAnswered: false,
    figure: ({ sent, failed }) => (sent === 0 ? null : failed / sent),
  },
];

/** What both versions measured in the rounds that count for a metric. */
export interface PairedFigures {
  /** One value for each block: the mean over its rounds of log(head / base), or of head - base. */
  readonly effects: readonly number[];
  readonly base: readonly number[];
  readonly head: readonly number[];
}

/**
 * Pairs the figures of a metric. Ratios are compared by their logarithms, so that twice and half are equally far from 1.
 * A block counts as a whole or not at all, because only whole it is free of the effect of the order. It does not count when a
 * figure is missing (for a ratio also: 0) or the generator was the limit in one of its windows.
 */
export function pairFigures(metric: Metric, rounds: readonly ComparisonRound[]): PairedFigures {
  const effects: number[] = [];
  const [base, head]: [number[], number[]] = [[], []];
  for (let first = 0; first + ROUNDS_PER_BLOCK <= rounds.length; first += ROUNDS_PER_BLOCK) {
    const pairs = rounds
      .slice(first, first + ROUNDS_PER_BLOCK)
      .map((round) => ({ base: counted(metric, round.base), head: counted(metric, round.head) }));
    const values = pairs.map((pair) => effectOf(metric, pair.base, pair.head));
    if (values.some((value) => !Number.isFinite(value))) continue;
    effects.push(values.reduce((sum, value) => sum + value, 0) / values.length);
    base.push(...pairs.map((pair) => pair.base));
    head.push(...pairs.map((pair) => pair.head));
  }
  return { effects, base, head };
}

const counted = (metric: Metric, figures: RoundFigures): number =>
  figures.generatorLimited ? NaN : (metric.figure(figures) ?? NaN);

const effectOf = (metric: Metric, base: number, head: number): number =>
  metric.scale === 'ratio' ? (base > 0 && head > 0 ? Math.log(head / base) : NaN) : head - base;

/** From the scale on which blocks are averaged back to that of the report. */
export const onScale = (metric: Metric, effect: number): number =>
  metric.scale === 'ratio' ? Math.exp(effect) : effect;
