import { describe, expect, test } from '@jest/globals';
import { type PlacedSlice, Timeline, timelineSlices } from '../../../src/load/counts/timeline.ts';
import { estimateUncertainty, mannKendallZ } from '../../../src/load/counts/uncertainty.ts';
import { createRandom } from '../../../src/load/random.ts';
import { uncertainty } from '../../../src/model/load.ts';
import { GOOD } from '../engine/fakes.ts';

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
