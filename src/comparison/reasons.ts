import type { MetricComparison } from '../model/comparison.ts';
import { changeDigits } from '../text/numbers.ts';
import { requestsNeeded } from './failed-share.ts';
import type { Metric, PairedFigures } from './metrics.ts';
import { ROUNDS_PER_BLOCK } from './plan.ts';
import type { Sides } from './sides.ts';
import { toleranceText } from './words.ts';

/** What an undecided metric was judged by. */
export interface Evidence {
  readonly measured: {
    readonly metric: Metric;
    readonly paired: PairedFigures;
    readonly undisturbed: PairedFigures;
  };
  /** Rounds that were made. */
  readonly made: number;
  /** The margin that does not matter, on the scale of the effects. */
  readonly margin: number;
  readonly tolerance: number;
  /** Of the interval, and of all metrics together. */
  readonly error: number;
  readonly lookError: number;
  /** The names of the sides. */
  readonly names: Sides;
}

/** Says what an undecided metric lacks: rounds, requests, or equal losses. */
export function sayWhy(metric: MetricComparison, evidence: Evidence): MetricComparison {
  if (metric.verdict !== 'cannot-tell') return metric;
  return { ...metric, reason: whyNot(metric, evidence) };
}

function whyNot(metric: MetricComparison, evidence: Evidence): string {
  const { measured, made, error, lookError, margin, names } = evidence;
  const fewest = Math.max(fewestRounds(2 / error), fewestRounds(4 / lookError));
  const { lost, base, sent } = measured.undisturbed;
  const counting = `${String(base.length)} of ${String(made)} rounds count`;
  if (metric.interval === null || base.length < fewest) {
    return `${counting}; about ${String(Math.max(fewest, base.length + ROUNDS_PER_BLOCK))} are needed to tell a change from chance.`;
  }
  const within = isInBand(metric, evidence);
  if (within && lost.base !== lost.head) {
    return `${counting}, and the versions lost different ones: of ${String(lost.base + lost.head)} incomplete blocks, ${String(lost.base)} lack the figure of ${names.base} and ${String(lost.head)} the figure of ${names.head}. The missing figures could be a difference.`;
  }
  if (measured.metric.byTotal === true) {
    const [requests, needed] = [Math.min(sent.base, sent.head), requestsNeeded(error, margin)];
    if (requests < needed) {
      return `${String(requests)} requests to each version count; ${String(needed)} without a failure are needed to rule out a difference of ${String(margin * 100)} points.`;
    }
    return `${counting}; with this many failures, or failures this bunched, the versions could differ by more than ${String(margin * 100)} points by chance alone.`;
  }
  return `${counting}, ${neededText(metric, evidence)}.`;
}

/**
 * The rounds whose coins can fall in this many ways: an interval wants two falls to be rare enough, a test to either
 * side four.
 */
const fewestRounds = (falls: number): number => ROUNDS_PER_BLOCK * Math.ceil(Math.log2(falls) - 1e-9);

function isInBand({ interval, scale }: MetricComparison, { margin }: Evidence): boolean {
  if (interval === null) return false;
  const [low, high] =
    scale === 'ratio' ? [Math.log(interval.low), Math.log(interval.high)] : [interval.low, interval.high];
  return low >= -margin && high <= margin;
}

/**
 * How many rounds would make the interval as narrow as the change that matters. The width of an interval is inversely
 * proportional to the square root of the number of rounds.
 */
function neededText(metric: MetricComparison, { measured, margin, tolerance }: Evidence): string {
  const { low, high } = metric.interval ?? { low: NaN, high: NaN };
  const half = (Math.log(high) - Math.log(low)) / 2;
  const rounds = measured.undisturbed.base.length;
  const estimate = Math.log(metric.estimate ?? NaN);
  const [aim, change] =
    margin > 0
      ? [margin, `a change of ${toleranceText({ tolerance })}`]
      : [Math.abs(estimate), `a change as small as ${changeDigits(Math.expm1(Math.abs(estimate)))} %`];
  const needed = ROUNDS_PER_BLOCK * Math.ceil((rounds * (half / aim) ** 2) / ROUNDS_PER_BLOCK);
  if (!Number.isFinite(needed)) return 'and they say nothing about a change';
  return needed > rounds
    ? `about ${String(needed)} are needed for ${change}`
    : `and the change is too close to ${toleranceText({ tolerance })} to tell whether it exceeds it`;
}
