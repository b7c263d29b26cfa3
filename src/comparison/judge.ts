import type { Comparison, MetricComparison } from '../model/comparison.ts';
import type { Interval } from '../model/units.ts';
import { detectableEffect } from './detectable.ts';
import { failedShareInterval } from './failed-share.ts';
import { clearness, errorOfEach, type FamilyMember, stepDown } from './max-t.ts';
import {
  directionOf,
  marginOf,
  type MeasuredRound,
  type Metric,
  metricOf,
  METRICS,
  onScale,
  type PairedFigures,
  pairFigures,
} from './metrics.ts';
import { medianOf } from './median.ts';
import { ROUNDS_PER_BLOCK } from './plan.ts';
import { sayWhy } from './reasons.ts';
import { requestMetric } from './requests.ts';
import { headingsOf, type Sides } from './sides.ts';
import { signFlips } from './sign-flips.ts';
import { type Bounds, hodgesLehmann, signedRankInterval, walshAverages } from './signed-rank.ts';

/** The maximum probability that any verdict "slower" or "faster" of a whole comparison is wrong. */
export const ERROR = 0.05;

/** The verdicts of all metrics after some rounds. */
export interface Judgement {
  readonly verdict: Comparison['verdict'];
  readonly metrics: readonly MetricComparison[];
  /**
   * Of each request, in the order of the plan, and of the times of journeys after them; null when no block counts.
   * Empty when there is only one.
   */
  readonly requests: readonly (MetricComparison | null)[];
}

/** What figures are judged by. */
export interface Terms {
  /** The largest change that does not matter, as a share. */
  readonly tolerance: number;
  /** The error that all metrics together may spend at this look. */
  readonly error: number;
  /** True when a rate was given, which then sets the throughput, so the throughput decides nothing. */
  readonly pacedByRate: boolean;
  /** The number of requests in the load, and of times of its journeys; each is judged, too, if there are several. */
  readonly requests?: number | undefined;
  /** True at a look that is only for a large change: it has no error to spare for single requests. */
  readonly early?: boolean | undefined;
  /** The names of the sides. */
  readonly names: Sides;
}

/** The share of a look's error for single requests when the whole has not changed. */
const SHARE_OF_REQUESTS = 0.2;

/** A metric with its figures in the rounds that count for it. */
interface Measured {
  readonly metric: Metric;
  readonly paired: PairedFigures;
  /** Without blocks in which other programs held the generator up. */
  readonly undisturbed: PairedFigures;
}

/**
 * Judges every metric that was measured, the whole, and single requests.
 *
 * First the whole decides, with four fifths of the error. When it has changed, the requests are judged with all of the
 * error: then an error among them has the whole as its reason, or is one of 5 % of its own. When it has not, they have
 * the fifth that is left, so that one that is asked rarely is found, too. So with equal versions the chance of any
 * wrong claim is at most the error.
 *
 * @param rounds those of the search, without fresh rounds for a confirmation.
 */
export function judge(rounds: readonly MeasuredRound[], terms: Terms): Judgement {
  const count = terms.requests ?? 0;
  const several = count > 1;
  const spared = several && terms.early !== true ? SHARE_OF_REQUESTS : 0;
  const metrics = judgeWhole(rounds, { ...terms, error: terms.error * (1 - spared) });
  const changed = metrics.some(({ verdict }) => verdict === 'slower' || verdict === 'faster');
  const requests = several
    ? judgeRequests(rounds, { ...terms, error: changed ? terms.error : terms.error * spared }, count)
    : [];
  const failures = metrics.find(({ metric }) => metric === 'failed-share')?.verdict ?? 'cannot-tell';
  const fair = requests.map(
    (request, index) =>
      request && withoutAdvantageOfFailing(request, failuresOf(index, rounds) ?? failures, rounds, terms.names),
  );
  return { verdict: wholeVerdict(metrics, fair), metrics, requests: fair };
}

function judgeWhole(rounds: readonly MeasuredRound[], terms: Terms): MetricComparison[] {
  const measured = METRICS.map((metric) => measure(metric, rounds)).filter(({ paired }) => paired.effects.length > 0);
  const family = measured.filter(({ metric }) => metric.ofPods !== true);
  const judged = new Map(judgeFamily(family, rounds.length, terms).map((metric) => [metric.metric, metric]));
  const all = measured.map(({ metric, paired }) => judged.get(metric.metric) ?? ofPods(metric, paired, terms));
  const failures = judged.get('failed-share')?.verdict ?? 'cannot-tell';
  return all.map((metric) =>
    metricOf(metric).overAnswered ? withoutAdvantageOfFailing(metric, failures, rounds, terms.names) : metric,
  );
}

function judgeRequests(rounds: readonly MeasuredRound[], terms: Terms, count: number): (MetricComparison | null)[] {
  const all = Array.from({ length: count }, (_, index) => measure(requestMetric(index), rounds));
  const family = all.filter(({ paired }) => paired.effects.length > 0);
  const judged =
    terms.error > 0 ? judgeFamily(family, rounds.length, terms) : family.map((each) => unjudged(each, terms));
  return all.map((each) => judged[family.indexOf(each)] ?? null);
}

/** The figures of a request at a look that has no error for it. */
const unjudged = ({ metric, paired }: Measured, { tolerance }: Terms): MetricComparison => ({
  ...figuresOf(metric, paired, marginOf(metric, tolerance), null),
  interval: null,
  verdict: 'cannot-tell',
  reason: 'The comparison ended before individual requests were judged.',
});

const measure = (metric: Metric, rounds: readonly MeasuredRound[]): Measured => ({
  metric,
  paired: pairFigures(metric, rounds),
  undisturbed: pairFigures(metric, rounds, metric.byTotal !== true),
});

/**
 * Metrics that share the error: each is tested for being worse by more than does not matter, and for being better by
 * more, and either side has half of the error for all of them (max-T by sign flips). Their intervals hold together,
 * too.
 */
function judgeFamily(family: readonly Measured[], made: number, terms: Terms): MetricComparison[] {
  const flips = signFlips(Math.floor(made / ROUNDS_PER_BLOCK));
  const members = family.map(memberOf);
  const margins = family.map(({ metric }) => marginOf(metric, terms.tolerance));
  const beyond = (direction: 1 | -1): number[] =>
    stepDown(members.map((member, index) => clearness(flips, member, direction * (margins[index] ?? 0), direction)));
  const [worse, better] = [beyond(1), beyond(-1)];
  const error = errorOfEach(
    flips,
    members,
    family.map(({ metric, paired }) => forTheWorse(metric) * centreOf(metric, paired)),
    terms.error,
  );
  // Shares of the error are rounded, p-values are not.
  const side = (terms.error / 2) * (1 + 1e-9);
  return family.map((measured, index) => {
    const limits = { margin: margins[index] ?? 0, error };
    const found = { worse: (worse[index] ?? 1) <= side, better: (better[index] ?? 1) <= side };
    const judged = judgeMetric(measured, found, limits, terms);
    return sayWhy(judged, {
      ...limits,
      lookError: terms.error,
      measured,
      made,
      tolerance: terms.tolerance,
      names: terms.names,
    });
  });
}

/**
 * The factor that makes "more" mean "worse" for a metric: a change that slows everything down then points one way in
 * all metrics.
 */
const forTheWorse = ({ better }: Pick<Metric, 'better'>): 1 | -1 => (better === 'lower' ? 1 : -1);

const memberOf = ({ metric, paired }: Measured): FamilyMember => ({
  blocks: paired.blocks,
  effects: paired.effects.map((effect) => forTheWorse(metric) * effect),
  statistic: metric.byTotal === true ? 'sum' : 'signed-rank',
});

/** The estimate on the scale of the effects. */
export function centreOf(metric: Metric, { effects }: PairedFigures): number {
  if (metric.byTotal !== true) return hodgesLehmann(walshAverages(effects));
  return effects.reduce((sum, effect) => sum + effect, 0) / effects.length;
}

/** The interval of one metric with this error, on the scale of the effects; null when there are too few blocks. */
const intervalOf = (
  metric: Metric,
  paired: PairedFigures,
  error: number,
): (Bounds & { readonly error: number }) | null =>
  metric.byTotal === true
    ? failedShareInterval(paired, error)
    : signedRankInterval(walshAverages(paired.effects), paired.effects.length, error);

function judgeMetric(
  { metric, paired, undisturbed }: Measured,
  found: { readonly worse: boolean; readonly better: boolean },
  { margin, error }: { readonly margin: number; readonly error: number },
  { pacedByRate }: Terms,
): MetricComparison {
  const bounds = intervalOf(metric, paired, error);
  // The number of requests matters, too, which the test does not know.
  const enough = (holds: (bounds: Bounds) => boolean): boolean =>
    metric.byTotal !== true || (bounds !== null && holds(bounds));
  const worse = found.worse && enough(({ low }) => low > margin);
  const better = found.better && enough(({ high }) => high < -margin);
  const calm = undisturbed.effects.length === paired.effects.length ? bounds : intervalOf(metric, undisturbed, error);
  const none = !worse && !better && isWithin(metric, undisturbed, calm, { margin, error });
  const shown = none ? calm : bounds;
  const [above, below] = metric.better === 'lower' ? [worse, better] : [better, worse];
  return {
    ...figuresOf(metric, none ? undisturbed : paired, margin, shown),
    primary: metric.primary && !(pacedByRate && metric.metric === 'requests-per-second'),
    interval: shown === null ? null : scaled(metric, agreeing(shown, { above, below }, margin)),
    verdict: worse ? 'slower' : better ? 'faster' : none ? 'no-difference' : 'cannot-tell',
  };
}

/** The figures of a metric without a verdict. */
function figuresOf(
  metric: Metric,
  paired: PairedFigures,
  margin: number,
  bounds: (Bounds & { readonly error: number }) | null,
): Omit<MetricComparison, 'interval' | 'verdict'> {
  const estimate = centreOf(metric, paired);
  const single = intervalOf(metric, paired, ERROR);
  return {
    metric: metric.metric,
    unit: metric.unit,
    better: metric.better,
    primary: metric.primary,
    ...levelsOf(metric, paired),
    scale: metric.scale,
    estimate: onScale(metric, estimate),
    singleInterval: single === null ? null : scaled(metric, single),
    minimumDetectableEffect: bounds === null ? null : detectableEffect(metric, estimate, bounds, margin),
    rounds: paired.base.length,
    confirmation: null,
    reason: null,
  };
}

function levelsOf(
  metric: Metric,
  { base, head, sent, failed }: PairedFigures,
): Pick<MetricComparison, 'base' | 'head'> {
  if (metric.byTotal !== true) return { base: medianOf(base), head: medianOf(head) };
  return { base: failed.base / sent.base, head: failed.head / sent.head };
}

const scaled = (metric: Metric, { low, high }: Bounds): Interval => ({
  low: onScale(metric, low),
  high: onScale(metric, high),
});

/**
 * Memory: all rounds see the same pods.
 */
function ofPods(metric: Metric, paired: PairedFigures, { tolerance }: Terms): MetricComparison {
  return {
    ...figuresOf(metric, paired, marginOf(metric, tolerance), null),
    interval: null,
    singleInterval: null,
    verdict: 'cannot-tell',
    reason:
      "All rounds use the same pods, so they can't tell a difference between versions from a difference between pods.",
  };
}

/**
 * The bound that faces the band says what the test says: it lies in the band unless the test has found the metric
 * beyond it.
 */
function agreeing(
  { low, high }: Bounds,
  beyond: { readonly above: boolean; readonly below: boolean },
  margin: number,
): Bounds {
  return {
    low: beyond.above ? Math.max(low, margin) : Math.min(low, margin),
    high: beyond.below ? Math.min(high, -margin) : Math.max(high, -margin),
  };
}

/** The interval of a metric that is known to have changed by more than the tolerance, without what that rules out. */
export function beyondBand(compared: MetricComparison, tolerance: number): Interval | null {
  const metric = metricOf(compared);
  const margin = marginOf(metric, tolerance);
  const { interval } = compared;
  if (interval === null) return null;
  return directionOf(metric, compared.verdict === 'faster' ? 'faster' : 'slower') === 1
    ? { low: Math.max(interval.low, onScale(metric, margin)), high: interval.high }
    : { low: interval.low, high: Math.min(interval.high, onScale(metric, -margin)) };
}

/**
 * Whether "no difference" stands: the interval lies within the band, and would do so, too, if the blocks that one
 * version has lost and the other has not were all as bad for it as can be.
 */
function isWithin(
  metric: Metric,
  { lost, effects }: PairedFigures,
  bounds: Bounds | null,
  { margin, error }: { readonly margin: number; readonly error: number },
): boolean {
  const uneven = lost.head - lost.base;
  if (bounds === null || bounds.low < -margin || bounds.high > margin) return false;
  if (uneven === 0) return true;
  if (metric.byTotal === true) return false;
  const worst = effects.concat(Array.from({ length: Math.abs(uneven) }, () => Infinity * Math.sign(uneven)));
  const against = signedRankInterval(
    walshAverages(metric.better === 'lower' ? worst : worst.map((effect) => -effect)),
    worst.length,
    error,
  );
  return against !== null && against.low >= -margin && against.high <= margin;
}

/**
 * By the interval against the band from -margin to +margin: wholly beyond it, wholly within it, or neither. All are on
 * the scale of the effects.
 */
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
 * A version can't win by failing: figures over answered requests leave out what failed. So what favours head ("faster",
 * "no difference") stands only when head is known not to fail more, and "slower" only when base is not known to fail
 * more.
 */
export function withoutAdvantageOfFailing(
  metric: MetricComparison,
  failures: MetricComparison['verdict'],
  rounds: readonly MeasuredRound[],
  names: Sides,
): MetricComparison {
  if (metric.verdict === 'cannot-tell') return metric;
  const fails = (side: 'base' | 'head'): boolean => rounds.some((round) => round[side].failed > 0);
  // When nothing failed, nothing was left out, however few requests there were.
  const unfair = {
    slower: failures === 'faster',
    faster: failures === 'slower' || (failures === 'cannot-tell' && fails('head')),
    'no-difference': failures !== 'no-difference' && (fails('base') || fails('head')),
  };
  if (!unfair[metric.verdict]) return metric;
  const { base, head } = headingsOf(names);
  const reason = {
    slower: `${head} fails more, and this figure excludes failed requests.`,
    faster: `${base} fails more, and this figure excludes failed requests.`,
    'no-difference': 'The versions fail differently, and this figure excludes failed requests.',
    'cannot-tell': 'It is not known which version fails more, and this figure excludes failed requests.',
  }[failures];
  return { ...metric, verdict: 'cannot-tell', reason };
}

/** Errors that are answered at once, as many of a hundred, hardly move a median. */
const SHARE_THAT_MOVES_A_MEDIAN = 0.01;

/**
 * Which version fails a request so much more that this may be why its median differs: of one that is asked rarely half
 * may fail, and the share of the whole not show it. Null where neither does.
 */
export function failuresOf(index: number, rounds: readonly MeasuredRound[]): 'slower' | 'faster' | null {
  const share = (side: 'base' | 'head'): number => {
    const figures = rounds.map((round) => round[side].requests?.[index]);
    const sum = (of: 'sent' | 'failed'): number => figures.reduce((total, each) => total + (each?.[of] ?? 0), 0);
    return sum('sent') === 0 ? 0 : sum('failed') / sum('sent');
  };
  const more = share('head') - share('base');
  if (Math.abs(more) <= SHARE_THAT_MOVES_A_MEDIAN) return null;
  return more > 0 ? 'slower' : 'faster';
}

/**
 * The worst first: one metric, or one request, that is worse decides; "no difference" needs all primary metrics to be
 * decided.
 */
export function wholeVerdict(
  metrics: readonly MetricComparison[],
  requests: readonly (MetricComparison | null)[] = [],
): Comparison['verdict'] {
  const said = [...metrics, ...requests].map((each) => each?.verdict);
  if (said.includes('slower')) return 'slower';
  if (said.includes('faster')) return 'faster';
  return isSettled(metrics) ? 'no-difference' : 'cannot-tell';
}

/**
 * Whether more rounds have nothing to find out: every primary metric has a verdict, and times are among them. Where
 * neither version answered, or no answer counts, that both fail alike says nothing about the whole.
 */
export function isSettled(metrics: readonly MetricComparison[]): boolean {
  const primary = metrics.filter((metric) => metric.primary);
  return (
    primary.some(({ metric }) => metric === 'latency-p50') && primary.every(({ verdict }) => verdict !== 'cannot-tell')
  );
}
