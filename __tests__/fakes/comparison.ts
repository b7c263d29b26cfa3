import type { Comparison, ComparisonRound, MetricComparison, RoundFigures } from '../../src/model/comparison.ts';

/** One version's half of a round. */
export const roundFigures = (changes: Partial<RoundFigures> = {}): RoundFigures => ({
  startedAt: '2026-11-23T10:00:00.000Z',
  durationSeconds: 2,
  sent: 1000,
  failed: 0,
  requestsPerSecond: 500,
  latencyMs: { p50: 10, p90: 20, p95: 25, p99: 40 },
  cpuSecondsPerRequest: 0.002,
  memoryBytes: 64 * 1024 * 1024,
  generatorLimited: false,
  ...changes,
});

/** A round in which both versions did the same. */
export const comparisonRound = (changes: Partial<ComparisonRound> = {}): ComparisonRound => ({
  index: 0,
  order: 'base-first',
  confirmation: false,
  base: roundFigures(),
  head: roundFigures(),
  ...changes,
});

/** A metric without a difference. */
export const metricComparison = (changes: Partial<MetricComparison> = {}): MetricComparison => ({
  metric: 'latency-p50',
  unit: 'ms',
  better: 'lower',
  primary: true,
  base: 10,
  head: 10.1,
  scale: 'ratio',
  estimate: 1.01,
  interval: { low: 0.99, high: 1.03 },
  singleInterval: { low: 1, high: 1.02 },
  verdict: 'no-difference',
  minimumDetectableEffect: 0.08,
  rounds: 32,
  confirmation: null,
  reason: null,
  ...changes,
});

/** A comparison that found nothing. */
export const comparison = (changes: Partial<Comparison> = {}): Comparison => ({
  base: { label: 'base', manifests: ['base/manifests'], images: ['shop:base'], hosts: ['base.localhost'] },
  head: { label: 'head', manifests: ['manifests'], images: ['shop:head'], hosts: ['head.localhost'] },
  seed: 'k3m9',
  verdict: 'no-difference',
  summary: 'No difference beyond 5 %',
  confirmed: null,
  stoppedBecause: 'decided',
  tolerance: 0.05,
  confidence: 0.95,
  correction: 'Bonferroni over 8 metrics and 3 looks',
  looks: { taken: 1, planned: 3 },
  windowSeconds: 2,
  durationSeconds: 130,
  metrics: [metricComparison()],
  rounds: [comparisonRound(), comparisonRound({ index: 1, order: 'head-first' })],
  latencyHistograms: {
    base: { edgesMs: [1, 10, 100], counts: [1000, 1000] },
    head: { edgesMs: [1, 10, 100], counts: [990, 1010] },
  },
  ...changes,
});
