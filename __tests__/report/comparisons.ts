import type { CapacityResult } from '../../src/model/capacity.ts';
import type { CapacityPair, Comparison, ComparisonRound, MetricComparison } from '../../src/model/comparison.ts';
import { capacityStep } from '../fakes/capacity.ts';
import { comparison, comparisonRound, metricComparison, roundFigures } from '../fakes/comparison.ts';

/** 20 rounds and 14 to confirm, in which head takes `slowdown` times as long, with some noise. */
const rounds = (slowdown: number, confirming: number): ComparisonRound[] =>
  Array.from({ length: 20 + confirming }, (_, index) => {
    const noise = 1 + (((index * 7) % 11) - 5) / 200;
    return comparisonRound({
      index,
      order: index % 4 === 0 || index % 4 === 3 ? 'base-first' : 'head-first',
      confirmation: index >= 20,
      base: roundFigures({ requestsPerSecond: 500 / noise, latencyMs: { p50: 10 * noise, p90: 20, p95: 25, p99: 40 } }),
      head: roundFigures({
        requestsPerSecond: 500 / slowdown,
        latencyMs: { p50: 10 * slowdown, p90: 20 * slowdown, p95: 25, p99: 40 },
      }),
    });
  });

const histogram = (shift: number): NonNullable<Comparison['latencyHistograms']>['base'] => ({
  edgesMs: Array.from({ length: 42 }, (_, index) => Number((10 ** (index / 40)).toPrecision(4))),
  counts: Array.from({ length: 41 }, (_, index) => Math.max(0, 400 - (index - 20 - shift) ** 2)),
});
const latencyHistograms = { base: histogram(0), head: histogram(4) };

const metric = (name: MetricComparison['metric'], changes: Partial<MetricComparison>): MetricComparison =>
  metricComparison({ metric: name, rounds: 20, ...changes });
const TOO_WIDE =
  'The interval reaches to both sides of what matters: more rounds, or a quieter machine, would make it narrower.';

const OTHERS = [
  metric('cpu-per-request', {
    unit: 'seconds',
    primary: false,
    base: 0.00213,
    head: 0.00214,
    estimate: 1.004,
    interval: { low: 0.99, high: 1.02 },
  }),
  metric('memory', {
    unit: 'bytes',
    primary: false,
    base: 64 * 2 ** 20,
    head: 64.1 * 2 ** 20,
    estimate: 1.0012,
    interval: { low: 1.001, high: 1.002 },
    minimumDetectableEffect: 0.051,
  }),
  metric('failed-share', {
    unit: 'share',
    scale: 'difference',
    base: 0,
    head: 0,
    estimate: 0,
    interval: { low: 0, high: 0 },
    minimumDetectableEffect: 0.001,
  }),
];

export const SLOWER = comparison({
  verdict: 'slower',
  confirmed: true,
  summary: 'Head is worse than base',
  metrics: [
    metric('requests-per-second', {
      unit: 'per second',
      better: 'higher',
      base: 500,
      head: 470,
      estimate: 0.943,
      interval: { low: 0.924, high: 0.961 },
      verdict: 'cannot-tell',
      reason: TOO_WIDE,
    }),
    metric('latency-p50', {
      base: 10,
      head: 11.2,
      estimate: 1.112,
      interval: { low: 1.08, high: 1.143 },
      verdict: 'slower',
      confirmation: { change: 'slower', confirmed: true, estimate: 1.1, pValue: 0.0078, rounds: 14 },
    }),
    metric('latency-p99', {
      base: 40,
      head: 44,
      primary: false,
      estimate: 1.09,
      interval: { low: 0.91, high: 1.31 },
      verdict: 'cannot-tell',
      minimumDetectableEffect: 0.412,
      reason: TOO_WIDE,
    }),
    ...OTHERS,
  ],
  rounds: rounds(1.12, 14),
  latencyHistograms,
});

export const EQUAL = comparison({
  metrics: [
    metric('requests-per-second', {
      unit: 'per second',
      better: 'higher',
      base: 500,
      head: 501,
      estimate: 1.002,
      interval: { low: 0.98, high: 1.02 },
    }),
    metric('latency-p50', {}),
    ...OTHERS,
  ],
  rounds: rounds(1, 0),
  latencyHistograms: { base: histogram(0), head: histogram(0) },
});

export const UNDECIDED = comparison({
  verdict: 'cannot-tell',
  stoppedBecause: 'time-limit',
  summary: 'It can not be told',
  metrics: [
    metric('latency-p50', {
      estimate: 1.02,
      interval: { low: 0.93, high: 1.11 },
      verdict: 'cannot-tell',
      minimumDetectableEffect: 0.182,
      reason: TOO_WIDE,
    }),
    ...OTHERS,
  ],
  rounds: rounds(1.02, 0),
});

const searched = (capacity: number, rates: readonly number[]): CapacityResult => ({
  ratePerSecond: capacity,
  interval: { low: capacity * 0.94, high: capacity * 1.06 },
  highestKept: Math.max(...rates.filter((rate) => rate <= capacity)),
  lowestBroken: Math.min(...rates.filter((rate) => rate > capacity)),
  end: 'precise',
  steps: rates.map((rate) =>
    capacityStep(rate, rate <= capacity, rate <= capacity ? {} : { latencyMs: { p50: 100, p95: 400, p99: 700 } }),
  ),
});
const pairs = Array.from({ length: 6 }, (): CapacityPair => ({
  base: capacityStep(550, true),
  head: capacityStep(524, false),
}));

/** The capacity of head is half of that of base. */
export const HALF_THE_CAPACITY = comparison({
  verdict: 'slower',
  confirmed: true,
  summary: 'Head is worse than base',
  metrics: [
    metric('capacity', {
      unit: 'per second',
      better: 'higher',
      base: 752,
      head: 383,
      estimate: 0.509,
      interval: { low: 0.468, high: 0.553 },
      verdict: 'slower',
      minimumDetectableEffect: 0.128,
      rounds: 14,
      confirmation: { change: 'slower', confirmed: true, estimate: null, pValue: 1 / 64, rounds: 6 },
    }),
  ],
  rounds: [],
  latencyHistograms: null,
  capacities: {
    base: searched(752, [200, 400, 800, 700, 780, 730, 760]),
    head: searched(383, [400, 200, 360, 380, 420, 370, 390]),
    pairs,
  },
});
