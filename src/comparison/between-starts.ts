import type { Bounds } from './signed-rank.ts';
import { studentQuantile } from './student.ts';

/** What one start of both versions showed for a metric. */
export interface StartEffects {
  /** The estimate from this start alone. */
  readonly centre: number;
  /** One for each block. */
  readonly effects: readonly number[];
}

/**
 * The efficiency of the Hodges-Lehmann estimate is 3/π of the mean's when the noise is normal (Hodges and Lehmann
 * 1963).
 */
const VARIANCE_OF_ESTIMATE = Math.PI / 3;
/** The ratio of the median size of normal values to their standard deviation. */
const MEDIAN_SIZE = 0.6745;

/**
 * The interval of the change when each start is one observation: a start of a version has a factor of its own by
 * chance, and what is asked for is the change in the mean over all starts that there could be (random effects; Kalibera
 * and Jones 2013: repeat where the variance is).
 *
 * It is the mean of the other starts, and t standard errors to both sides, with the variance between starts (Hedges
 * 1983, Psychological Bulletin 93:388): that of the estimates of all starts, less what the noise of their blocks puts
 * into it. The first start, which raised the suspicion, has no part in the mean, and a part in the variance. Where the
 * starts differ by no more than their noise, that is 0, and the test of the blocks has all to say.
 *
 * With so few starts that is an approximation: the first one is there because it looked changed, and the noise is
 * subtracted. docs/statistics.md has how often it is wrong.
 *
 * @param first the start of the search.
 * @param others those after it, two or more.
 * @param error of each end.
 * @returns on the scale of the effects.
 */
export function boundsByStarts(first: StartEffects, others: readonly StartEffects[], error: number): Bounds {
  const mean = meanOf(others.map(({ centre }) => centre));
  const half = studentQuantile(error, others.length) * Math.sqrt(varianceBetween([first, ...others]) / others.length);
  return { low: mean - half, high: mean + half };
}

/**
 * If each of the other starts shows a change that is this much larger than the tolerance (on the logarithm), it is not
 * an accident of three starts, however much they differ: on a busy machine, one may show ten times the latency and the
 * next three times.
 */
const LARGE = Math.log(1.25);

/**
 * Whether starts confirm a change beyond the margin: by their interval, or each of them by far.
 *
 * @param toward 1 for a change upwards, otherwise -1.
 */
export const areBeyond = (
  others: readonly StartEffects[],
  { low, high }: Bounds,
  { margin, toward, isRatio }: { readonly margin: number; readonly toward: 1 | -1; readonly isRatio: boolean },
): boolean =>
  (toward === 1 ? low : -high) > margin || (isRatio && others.every(({ centre }) => toward * centre > margin + LARGE));

/**
 * The variance that starts add by chance, from two or more of them: 0 when the noise of the blocks alone explains their
 * difference.
 */
export function varianceBetween(starts: readonly StartEffects[]): number {
  const centres = starts.map(({ centre }) => centre);
  const mean = meanOf(centres);
  const seen = centres.reduce((sum, centre) => sum + (centre - mean) ** 2, 0) / (centres.length - 1);
  const perBlock = varianceOfBlocks(starts);
  const noise = meanOf(starts.map(({ effects }) => (VARIANCE_OF_ESTIMATE * perBlock) / effects.length));
  return Math.max(0, seen - noise);
}

/**
 * Within starts; based on the median, so a block in which the machine stood still does not hide a difference between
 * starts.
 */
function varianceOfBlocks(starts: readonly StartEffects[]): number {
  const sizes = starts
    .flatMap(({ centre, effects }) => effects.map((effect) => Math.abs(effect - centre)))
    .sort((a, b) => a - b);
  const freedom = sizes.length - starts.length;
  if (freedom <= 0) return 0;
  const middle = (sizes.length - 1) / 2;
  const median = ((sizes[Math.floor(middle)] ?? 0) + (sizes[Math.ceil(middle)] ?? 0)) / 2;
  return ((median / MEDIAN_SIZE) ** 2 * sizes.length) / freedom;
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
