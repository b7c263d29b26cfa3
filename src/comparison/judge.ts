import type { Comparison, ComparisonRound, MetricComparison } from '../model/comparison.ts';
import type { Interval } from '../model/units.ts';
import { type Metric, METRICS, onScale, type PairedFigures, pairFigures } from './metrics.ts';
import { normalQuantile } from './normal.ts';
import { hodgesLehmann, signedRankInterval, walshAverages } from './signed-rank.ts';

/** The probability that any verdict "slower" or "faster" of a whole comparison is wrong, at most. */
export const ERROR = 0.05;
/** A share of failed requests may differ by this much (a tenth of a percentage point) without meaning. */
const FAILED_SHARE_TOLERANCE = 0.001;
/** The probability with which the minimum detectable effect is detected. */
const POWER = 0.8;

/** What all metrics say after some rounds. */
export interface Judgement {
  readonly verdict: Comparison['verdict'];
  readonly metrics: readonly MetricComparison[];
}

/**
 * Judges every metric that was measured, and the whole.
 *
 * @param rounds those of the search, without fresh rounds for a confirmation.
 * @param error what all metrics together may spend at this look.
 */
export function judge(rounds: readonly ComparisonRound[], tolerance: number, error: number): Judgement {
  const measured = METRICS.map((metric) => ({ metric, paired: pairFigures(metric, rounds) })).filter(
    ({ paired }) => paired.effects.length > 0,
  );
  const limited = rounds.filter(({ base, head }) => base.generatorLimited || head.generatorLimited).length;
  const judged = measured.map(({ metric, paired }) => judgeMetric(metric, paired, tolerance, error / measured.length));
  const metrics = withoutAdvantageOfFailing(judged).map((metric) =>
    sayWhy(metric, { limited, of: rounds.length, error: error / measured.length }),
  );
  return { verdict: wholeVerdict(metrics), metrics };
}

/** The change from which on it matters, on the scale of the effects. */
export const marginOf = (metric: Metric, tolerance: number): number =>
  metric.scale === 'ratio' ? Math.log1p(tolerance) : FAILED_SHARE_TOLERANCE;

function judgeMetric(metric: Metric, paired: PairedFigures, tolerance: number, error: number): MetricComparison {
  const judged = judgeRounds(metric, paired, tolerance, error);
  if (metric.ofPods !== true) return judged;
  return {
    ...judged,
    interval: null,
    singleInterval: null,
    verdict: 'cannot-tell',
    minimumDetectableEffect: null,
    reason: OF_PODS,
  };
}

const OF_PODS =
  'All rounds see the same pods, so that rounds can not tell a difference between versions from one between pods.';

function judgeRounds(
  metric: Metric,
  { effects, base, head }: PairedFigures,
  tolerance: number,
  error: number,
): MetricComparison {
  const walsh = walshAverages(effects);
  const margin = marginOf(metric, tolerance);
  const bounds = signedRankInterval(walsh, effects.length, error);
  const single = signedRankInterval(walsh, effects.length, ERROR);
  const scaled = (interval: Interval | null): Interval | null =>
    interval === null ? null : { low: onScale(metric, interval.low), high: onScale(metric, interval.high) };
  return {
    metric: metric.metric,
    unit: metric.unit,
    better: metric.better,
    primary: metric.primary,
    base: medianOf(base),
    head: medianOf(head),
    scale: metric.scale,
    estimate: onScale(metric, hodgesLehmann(walsh)),
    interval: scaled(bounds),
    singleInterval: scaled(single),
    verdict: bounds === null ? 'cannot-tell' : verdictBy(bounds, margin, metric.better),
    minimumDetectableEffect: bounds === null ? null : detectableEffect(metric, hodgesLehmann(walsh), bounds, margin),
    rounds: base.length,
    confirmation: null,
    reason: null,
  };
}

/** By the interval against the band from -margin to +margin: wholly beyond it, wholly within it, or neither. All are on the scale of the effects. */
export function verdictBy(
  { low, high }: Interval,
  margin: number,
  better: Metric['better'],
): MetricComparison['verdict'] {
  if (low > margin) return better === 'lower' ? 'slower' : 'faster';
  if (high < -margin) return better === 'lower' ? 'faster' : 'slower';
  return low >= -margin && high <= margin ? 'no-difference' : 'cannot-tell';
}

/**
 * The change for the worse that would have been called `slower` with 80 % power by as many rounds with the same noise.
 *
 * The distance h from the estimate to the bound of an interval with error a is z(1 - a/2) standard errors in large samples (Lehmann
 * 1963, Annals of Mathematical Statistics 34:1507), and the bound of a further run lies beyond the margin with probability
 * 0.8 when the true change is margin + h + z(0.8) standard errors (the usual formula for the size of a sample, e.g. Lachin
 * 1981, Controlled Clinical Trials 2:93).
 *
 * @param bounds on the scale of the effects, as `estimate` and `margin`.
 */
export function detectableEffect(
  metric: Pick<Metric, 'better' | 'scale'>,
  estimate: number,
  bounds: Interval & { readonly error: number },
  margin: number,
): number {
  const distance = metric.better === 'lower' ? estimate - bounds.low : bounds.high - estimate;
  const effect = margin + distance * (1 + normalQuantile(POWER) / normalQuantile(1 - bounds.error / 2));
  if (metric.scale === 'difference') return effect;
  return metric.better === 'lower' ? Math.exp(effect) - 1 : 1 - Math.exp(-effect);
}

/**
 * A version can't win by failing: figures over answered requests leave out what failed. So what favours head ("faster",
 * "no difference") stands only when head is known not to fail more, and "slower" only when base is not known to fail more.
 */
function withoutAdvantageOfFailing(metrics: readonly MetricComparison[]): MetricComparison[] {
  const failures = metrics.find(({ metric }) => metric === 'failed-share')?.verdict ?? 'cannot-tell';
  const overAnswered = new Set(METRICS.filter((metric) => metric.overAnswered).map(({ metric }) => metric));
  const unfair = {
    slower: failures === 'faster',
    faster: failures === 'slower' || failures === 'cannot-tell',
    'no-difference': failures !== 'no-difference',
  };
  return metrics.map((metric) => {
    if (!overAnswered.has(metric.metric) || metric.verdict === 'cannot-tell' || !unfair[metric.verdict]) return metric;
    const reason = {
      slower: 'Head fails more, and this figure leaves out what failed.',
      faster: 'Base fails more, and this figure leaves out what failed.',
      'no-difference': 'The versions fail differently, and this figure leaves out what failed.',
      'cannot-tell': 'It can not be told which version fails more, and this figure leaves out what failed.',
    }[failures];
    return { ...metric, verdict: 'cannot-tell', reason };
  });
}

function sayWhy(
  metric: MetricComparison,
  evidence: { readonly limited: number; readonly of: number; readonly error: number },
): MetricComparison {
  if (metric.verdict !== 'cannot-tell' || metric.reason !== null) return metric;
  const { limited, of } = evidence;
  const why =
    metric.interval === null
      ? `${String(metric.rounds)} rounds are too few to tell anything from chance.`
      : 'The interval reaches to both sides of what matters: more rounds, or a quieter machine, would make it narrower.';
  const also =
    limited === 0
      ? ''
      : ` In ${String(limited)} of ${String(of)} rounds the load generator was the limit; they do not count.`;
  return { ...metric, reason: `${why}${also}` };
}

/** The worst first: one metric that is worse decides; "no difference" needs all primary metrics to be settled. */
export function wholeVerdict(metrics: readonly MetricComparison[]): Comparison['verdict'] {
  if (metrics.some(({ verdict }) => verdict === 'slower')) return 'slower';
  if (metrics.some(({ verdict }) => verdict === 'faster')) return 'faster';
  return isSettled(metrics) ? 'no-difference' : 'cannot-tell';
}

/** Whether more rounds have nothing to find out: every primary metric has a verdict. */
export function isSettled(metrics: readonly MetricComparison[]): boolean {
  const primary = metrics.filter((metric) => metric.primary);
  return primary.length > 0 && primary.every(({ verdict }) => verdict !== 'cannot-tell');
}

function medianOf(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return sorted.length === 0 ? null : ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
}
