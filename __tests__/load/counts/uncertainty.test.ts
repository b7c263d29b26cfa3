import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Timeline, timelineSlices } from '../../../src/load/counts/timeline.ts';
import { mannKendallZ } from '../../../src/load/counts/uncertainty.ts';
import { type Uncertainty, uncertainty } from '../../../src/model/load.ts';
import type { Interval } from '../../../src/model/units.ts';
import { GOOD } from '../engine/fakes.ts';
import { estimateUncertainty, figuresOf, holds, type OverTime, run } from './simulated-run.ts';

describe('intervals', () => {
  test('of most runs hold the truth', () => {
    // The slow suite has more and longer runs, and asks how often.
    const runs = Array.from({ length: 8 }, (_, i) => estimateUncertainty(run(4, `run ${String(i)}`), 'seed'));
    const holding = (interval: (each: Uncertainty) => Interval | null, truth: number): number =>
      runs.filter((each) => holds(interval(each), truth)).length;
    expect(holding((each) => each.requestsPerSecond, 500)).toBeGreaterThan(5);
    expect(holding((each) => each.p50Ms, 20 * Math.LN2)).toBeGreaterThan(5);
    expect(holding((each) => each.p95Ms, 20 * Math.log(20))).toBeGreaterThan(5);
    expect(runs.map(({ drift }) => drift)).toEqual(runs.map(() => null));
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
      'The throughput was 0 in the first third of the measured window but not in the last, so it was not steady.',
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
