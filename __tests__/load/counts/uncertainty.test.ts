import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { COARSE_BITS, Histogram } from '../../../src/load/counts/histogram.ts';
import { type PlacedSlice, Timeline, timelineSlices } from '../../../src/load/counts/timeline.ts';
import { estimateUncertainty as estimateAround, mannKendallZ } from '../../../src/load/counts/uncertainty.ts';
import { createRandom } from '../../../src/load/random.ts';
import { type Uncertainty, uncertainty } from '../../../src/model/load.ts';
import type { Interval } from '../../../src/model/units.ts';
import { GOOD } from '../engine/fakes.ts';

/** The figures of the whole window, as a report has them. */
function figuresOf(slices: readonly PlacedSlice[]): Parameters<typeof estimateAround>[1] {
  const all = new Histogram(COARSE_BITS);
  for (const { slice } of slices) all.add(slice.latency);
  const seconds = slices.reduce((sum, { lengthMs }) => sum + lengthMs, 0) / 1000;
  if (all.count === 0) return { requestsPerSecond: null, latencyMs: null };
  const at = (p: number): number => all.percentile(p) / 1000;
  return {
    requestsPerSecond: all.count / seconds,
    latencyMs: { avg: 1, min: at(0), p50: at(50), p90: at(90), p95: at(95), p99: at(99), max: at(100) },
  };
}
const estimateUncertainty = (slices: readonly PlacedSlice[], seed: string): Uncertainty =>
  estimateAround(slices, figuresOf(slices), seed);

type OverTime = (second: number) => number;

/** A run of `seconds` with Poisson arrivals and exponential latencies. */
function run(seconds: number, seed: string, course: { rate?: OverTime; meanMs?: OverTime } = {}): PlacedSlice[] {
  const { rate = () => 500, meanMs = () => 20 } = course;
  const random = createRandom(seed);
  const timeline = new Timeline();
  for (let ms = 0; ms < seconds * 1000; ms += random.exponential(1000 / rate(ms / 1000))) {
    timeline.record(ms, { ...GOOD, serviceMs: random.exponential(meanMs(ms / 1000)) }, 0);
  }
  return timelineSlices(timeline.snapshot(), seconds * 1000);
}

describe('intervals', () => {
  test('of independent runs hold the truth about as often as they say', () => {
    const runs = Array.from({ length: 60 }, (_, i) => estimateUncertainty(run(10, `run ${String(i)}`), 'seed'));
    const share = (holds: (i: (typeof runs)[number]) => boolean): number => runs.filter(holds).length / runs.length;
    const within = (range: { low: number; high: number } | null, truth: number): boolean =>
      range !== null && range.low <= truth && truth <= range.high;
    // A block bootstrap over 40 slices is known to be a little too sure.
    expect(share((each) => within(each.requestsPerSecond, 500))).toBeGreaterThan(0.75);
    expect(share((each) => within(each.p50Ms, 20 * Math.LN2))).toBeGreaterThan(0.75);
    expect(share((each) => within(each.p95Ms, 20 * Math.log(20)))).toBeGreaterThan(0.75);
    expect(share((each) => each.drift === null)).toBeGreaterThan(0.9);
  });

  test('fit the schema, and the same run gives the same ones', () => {
    const estimate = estimateUncertainty(run(5, 'a'), 'seed');
    expect(uncertainty.parse(estimate)).toEqual(estimate);
    expect(estimateUncertainty(run(5, 'a'), 'seed')).toEqual(estimate);
    expect(estimate.slices).toBeGreaterThanOrEqual(10);
    expect(estimate.slices).toBeLessThanOrEqual(40);
  });

  test('hold their own figure, or there are none, whatever the course of a run', () => {
    const course = fc.record({
      seed: fc.string(),
      rate: fc.array(fc.integer({ min: 5, max: 300 }), { minLength: 2, maxLength: 12 }),
      meanMs: fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 2, maxLength: 12 }),
    });
    const stepwise =
      (values: readonly number[]): OverTime =>
      (second) =>
        values[Math.floor((second / 10) * values.length)] ?? 1;
    fc.assert(
      fc.property(course, ({ seed, rate, meanMs }) => {
        const slices = run(10, seed, { rate: stepwise(rate), meanMs: stepwise(meanMs) });
        const { requestsPerSecond, latencyMs } = figuresOf(slices);
        const found = estimateUncertainty(slices, seed);
        const all: [Interval | null, number | null | undefined][] = [
          [found.requestsPerSecond, requestsPerSecond],
          [found.p50Ms, latencyMs?.p50],
          [found.p90Ms, latencyMs?.p90],
          [found.p95Ms, latencyMs?.p95],
          [found.p99Ms, latencyMs?.p99],
        ];
        for (const [interval, figure] of all) {
          if (interval === null) continue;
          expect(interval.low).toBeLessThanOrEqual((figure ?? NaN) * (1 + 1e-9));
          expect(interval.high).toBeGreaterThanOrEqual((figure ?? NaN) * (1 - 1e-9));
        }
        if (found.drift !== null) expect(all.map(([interval]) => interval)).toEqual([null, null, null, null, null]);
      }),
      { numRuns: 20 },
    );
  });

  test('an overload, whose latency grows with its queue, has none', () => {
    expect(estimateUncertainty(run(10, 'a', { meanMs: (second) => 20 + 150 * second }), 'seed')).toMatchObject({
      drift: expect.stringContaining('rose'),
      p95Ms: null,
      requestsPerSecond: null,
    });
  });

  test('a steady run has all of them', () => {
    const found = estimateUncertainty(run(10, 'a'), 'seed');
    expect([found.requestsPerSecond, found.p50Ms, found.p90Ms, found.p95Ms, found.p99Ms]).not.toContain(null);
  });

  test('are not invented for a short run', () => {
    expect(estimateUncertainty(run(0.3, 'a'), 'seed')).toMatchObject({
      slices: 4,
      requestsPerSecond: null,
      p99Ms: null,
      drift: null,
    });
    expect(estimateUncertainty([], 'seed')).toMatchObject({
      slices: 0,
      requestsPerSecond: null,
      unsupported: ['p50', 'p90', 'p95', 'p99'],
    });
  });
});

test.each([
  [10, ['p50', 'p90', 'p95', 'p99']],
  [50, ['p90', 'p95', 'p99']],
  [200, ['p99']],
  [1000, []],
])('of %p requests the percentiles %j mean little', (requests, unsupported) => {
  const timeline = new Timeline();
  for (let i = 0; i < requests; i++) timeline.record(i, GOOD, 0);
  expect(estimateUncertainty(timelineSlices(timeline.snapshot(), requests), 'seed').unsupported).toEqual(unsupported);
});

describe('drift', () => {
  test('of the throughput is named', () => {
    const estimate = estimateUncertainty(run(10, 'a', { rate: (second) => 300 + 40 * second }), 'seed');
    expect(estimate.drift).toMatch(/^The throughput rose by \d+ % from the first third/);
  });

  test('of the latency is named', () => {
    const estimate = estimateUncertainty(run(10, 'a', { meanMs: (second) => 30 - 2 * second }), 'seed');
    expect(estimate.drift).toMatch(/^The median latency fell by \d+ %/);
  });

  test('from nothing at all is named without a share', () => {
    const timeline = new Timeline();
    for (let ms = 4000; ms < 12_000; ms += 50_000 / ms) timeline.record(ms, GOOD, 0);
    const estimate = estimateUncertainty(timelineSlices(timeline.snapshot(), 12_000), 'seed');
    expect(estimate.drift).toBe(
      'The throughput was 0 in the first third of the measured window and not in the last: it was not steady.',
    );
  });

  test('that is too small to care about is not', () => {
    expect(estimateUncertainty(run(10, 'a', { meanMs: (second) => 20 + 0.05 * second }), 'seed').drift).toBeNull();
  });
});

test.each([
  [[1, 2, 3, 4, 5], 2.2045],
  [[5, 4, 3, 2, 1], -2.2045],
  [[1, 1, 1, 1], 0],
])('the Mann-Kendall statistic of %j is %p', (values, z) => {
  expect(mannKendallZ(values)).toBeCloseTo(z, 3);
});
