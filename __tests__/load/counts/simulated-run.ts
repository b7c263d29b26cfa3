import { COARSE_BITS, Histogram } from '../../../src/load/counts/histogram.ts';
import { type PlacedSlice, Timeline, timelineSlices } from '../../../src/load/counts/timeline.ts';
import { estimateUncertainty as estimateAround } from '../../../src/load/counts/uncertainty.ts';
import { createRandom } from '../../../src/load/random.ts';
import type { Uncertainty } from '../../../src/model/load.ts';
import type { Interval } from '../../../src/model/units.ts';
import { GOOD } from '../engine/fakes.ts';

export type OverTime = (second: number) => number;

/** A run of `seconds` with Poisson arrivals and exponential latencies. */
export function run(seconds: number, seed: string, course: { rate?: OverTime; meanMs?: OverTime } = {}): PlacedSlice[] {
  const { rate = () => 500, meanMs = () => 20 } = course;
  const random = createRandom(seed);
  const timeline = new Timeline();
  for (let ms = 0; ms < seconds * 1000; ms += random.exponential(1000 / rate(ms / 1000))) {
    timeline.record(ms, { ...GOOD, serviceMs: random.exponential(meanMs(ms / 1000)) }, 0);
  }
  return timelineSlices(timeline.snapshot(), seconds * 1000);
}

/** The figures of the whole window, as a report has them. */
export function figuresOf(slices: readonly PlacedSlice[]): Parameters<typeof estimateAround>[1] {
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
export const estimateUncertainty = (slices: readonly PlacedSlice[], seed: string): Uncertainty =>
  estimateAround(slices, figuresOf(slices), seed);

export const holds = (interval: Interval | null, truth: number): boolean =>
  interval !== null && interval.low <= truth && truth <= interval.high;
