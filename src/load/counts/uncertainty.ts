import type { HostResult, Uncertainty } from '../../model/load.ts';
import type { Interval } from '../../model/units.ts';
import { createRandom, type Random } from '../random.ts';
import { COARSE_BITS, Histogram } from './histogram.ts';
import type { PlacedSlice } from './timeline.ts';

const FEWEST_SLICES = 10;
/** More would take longer without visibly changing an interval. */
const MOST_SLICES = 40;
const RESAMPLES = 400;
const CONFIDENCE = 0.95;

const PERCENTILES = [
  ['p50', 50],
  ['p90', 90],
  ['p95', 95],
  ['p99', 99],
] as const;
/** This many answers must lie above a percentile; with fewer, it depends on the fate of a few. */
export const SUPPORT = 10;

/** Both must hold: less than 1 in 100 by chance alone, and large enough to care. */
const DRIFT_Z = 2.576;
const DRIFT_CHANGE = 0.1;

/**
 * Estimates how far the figures of a run can be trusted.
 *
 * The window is cut into 10 to 40 equal slices. Intervals come from the circular block bootstrap
 * (Politis and Romano 1992, in: Exploring the Limits of Bootstrap) over them: blocks of n^(1/3) neighbouring slices are
 * drawn with replacement until there are n again, 400 times, and the middle 95 % of the figures
 * of these resamples is the interval (percentile method, Efron 1979). Blocks, and not requests, because
 * neighbouring requests share the same queue and are not independent. In a circle, so that the first and the last
 * slices are drawn as often as the others: else their figures are missing in the middle of the resamples.
 *
 * A drift is a trend of throughput or median latency over the slices by Mann and Kendall (Mann
 * 1945, Econometrica 13:245) at the 1 % level, with a change of at least 10 % from the first third to the last. Then
 * there is no one true value that an interval could hold, and none is given. Nor is one that its own figure lies
 * outside of: resamples that miss what they were drawn from say nothing of how far it can be trusted.
 *
 * @param slices of the timeline, in order; intervals are null when there are fewer than 10.
 * @param figures that the intervals are of: those of the whole window.
 * @param seed makes the same run give the same intervals.
 */
export function estimateUncertainty(
  slices: readonly PlacedSlice[],
  figures: Pick<HostResult, 'requestsPerSecond' | 'latencyMs'>,
  seed: string,
): Uncertainty {
  const parts = equalParts(slices);
  const answered = slices.reduce((sum, { slice }) => sum + slice.latency.count, 0);
  const drift = parts.length >= FEWEST_SLICES ? driftOf(parts) : null;
  const intervals =
    parts.length >= FEWEST_SLICES && drift === null
      ? bootstrap(parts, figures, createRandom(`${seed}/bootstrap`))
      : null;
  return {
    slices: parts.length,
    requestsPerSecond: intervals?.requestsPerSecond ?? null,
    p50Ms: intervals?.p50 ?? null,
    p90Ms: intervals?.p90 ?? null,
    p95Ms: intervals?.p95 ?? null,
    p99Ms: intervals?.p99 ?? null,
    unsupported: unsupportedPercentiles(answered),
    drift,
  };
}

/** The percentiles that fewer than `SUPPORT` of this many answers lie above. */
export const unsupportedPercentiles = (answered: number): Uncertainty['unsupported'] =>
  PERCENTILES.filter(([, p]) => !isSupported(answered, p)).map(([name]) => name);

/** Whether at least `SUPPORT` of this many answers lie above the p-th percentile. */
export const isSupported = (answered: number, p: number): boolean => answered * (1 - p / 100) >= SUPPORT - 1e-6;

/** Answered requests, with any status. */
export const answeredOf = ({ statuses }: Pick<HostResult, 'statuses'>): number =>
  Object.values(statuses).reduce((sum, count) => sum + count, 0);

interface Part {
  readonly lengthMs: number;
  readonly latency: Histogram;
}

/** Joins neighbouring slices to at most 40 parts of equal length; a shorter remainder at the end is left out. */
function equalParts(slices: readonly PlacedSlice[]): Part[] {
  const lengthMs = slices[0]?.lengthMs ?? 0;
  const whole = slices.filter((slice) => slice.lengthMs === lengthMs);
  const each = Math.max(1, Math.ceil(whole.length / MOST_SLICES));
  return Array.from({ length: Math.floor(whole.length / each) }, (_, index) => ({
    lengthMs: lengthMs * each,
    latency: merged(whole.slice(index * each, (index + 1) * each).map(({ slice }) => slice.latency)),
  }));
}

function merged(histograms: readonly Histogram[]): Histogram {
  const sum = new Histogram(COARSE_BITS);
  for (const histogram of histograms) sum.add(histogram);
  return sum;
}

type Intervals = Record<'requestsPerSecond' | (typeof PERCENTILES)[number][0], Interval | null>;

function bootstrap(
  parts: readonly Part[],
  { requestsPerSecond, latencyMs }: Pick<HostResult, 'requestsPerSecond' | 'latencyMs'>,
  random: Random,
): Intervals {
  const whole = merged(parts.map((part) => part.latency));
  const resamples = Array.from({ length: RESAMPLES }, () => resample(parts, random));
  const around = (figure: number | null | undefined, statistic: (latency: Histogram) => number): Interval | null =>
    intervalAround(figure ?? null, statistic(whole), resamples.map(statistic));
  const percentile = (name: (typeof PERCENTILES)[number][0], p: number): Interval | null =>
    around(latencyMs?.[name], (latency) => latency.percentile(p));
  return {
    requestsPerSecond: around(requestsPerSecond, (latency) => latency.count),
    p50: percentile('p50', 50),
    p90: percentile('p90', 90),
    p95: percentile('p95', 95),
    p99: percentile('p99', 99),
  };
}

/** As many parts as there are, drawn in blocks of neighbours. */
function resample(parts: readonly Part[], random: Random): Histogram {
  const block = Math.ceil(Math.cbrt(parts.length));
  const drawn: Histogram[] = [];
  while (drawn.length < parts.length) {
    const first = random.integer(parts.length);
    for (let index = first; index < first + block; index++) {
      const part = parts[index % parts.length];
      if (part !== undefined) drawn.push(part.latency);
    }
  }
  return merged(drawn.slice(0, parts.length));
}

/**
 * The middle 95 % of the resamples as shares of what they were drawn from, times the figure: the parts are coarser than
 * the figure, and a rest at the end is not in them. Null when the middle does not hold it, or something is missing.
 */
function intervalAround(figure: number | null, drawnFrom: number, resamples: readonly number[]): Interval | null {
  if (figure === null || !(drawnFrom > 0) || resamples.some((value) => Number.isNaN(value))) return null;
  const sorted = [...resamples].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? NaN;
  const [low, high] = [at((1 - CONFIDENCE) / 2), at((1 + CONFIDENCE) / 2)];
  return low <= drawnFrom && drawnFrom <= high
    ? { low: (figure * low) / drawnFrom, high: (figure * high) / drawnFrom }
    : null;
}

function driftOf(parts: readonly Part[]): string | null {
  const throughput = parts.map((part) => part.latency.count);
  const medians = parts.map((part) => part.latency.percentile(50)).filter((median) => !Number.isNaN(median));
  return trendSentence('The throughput', throughput) ?? trendSentence('The median latency', medians);
}

function trendSentence(what: string, values: readonly number[]): string | null {
  if (values.length < FEWEST_SLICES || Math.abs(mannKendallZ(values)) < DRIFT_Z) return null;
  const third = Math.floor(values.length / 3);
  const before = mean(values.slice(0, third));
  if (before === 0)
    return `${what} was 0 in the first third of the measured window but not in the last, so it was not steady.`;
  const change = mean(values.slice(-third)) / before - 1;
  if (!(Math.abs(change) >= DRIFT_CHANGE)) return null;
  const verb = change > 0 ? 'rose' : 'fell';
  return `${what} ${verb} by ${(Math.abs(change) * 100).toFixed(0)} % from the first third of the measured window to the last, so it was not steady.`;
}

/** The standardized Mann-Kendall statistic without correction for ties: beyond ±1.96 a trend at the 5 % level. */
export function mannKendallZ(values: readonly number[]): number {
  const n = values.length;
  let s = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) s += Math.sign((values[j] ?? 0) - (values[i] ?? 0));
  }
  const deviation = Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  return s === 0 ? 0 : (s - Math.sign(s)) / deviation;
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
