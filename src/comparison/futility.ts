import type { ComparisonRound, MetricComparison } from '../model/comparison.ts';
import { marginOf, metricOf } from './metrics.ts';
import { normalDistribution, normalQuantile } from './normal.ts';

/** With less than this chance of an answer, there is no reason to continue. */
const SMALLEST_CHANCE = 0.05;

/** How far the comparison is from its end. */
export interface Prospects {
  readonly rounds: readonly ComparisonRound[];
  /** Rounds at the last look, if the comparison gets there. */
  readonly lastRounds: number;
  readonly tolerance: number;
  /** What this look has spent, and what the last one will spend. */
  readonly error: number;
  readonly lastError: number;
}

/**
 * Whether no further look has a chance of 5 % to find an answer: neither a change in any metric nor that an open
 * primary metric has none.
 *
 * The chance is that the interval of the last look lies beyond the band of what does not matter, or within it, given
 * the figures until now: its centre is normal around the one of now, with a variance that is less by the share of the
 * rounds that are made already, and its width falls with the root of their number (predictive power: Spiegelhalter,
 * Freedman and Blackburn 1986, Controlled Clinical Trials 7:8). To end early for want of a chance makes no wrong claim
 * more likely, since it makes none.
 */
export function isHopeless(metrics: readonly MetricComparison[], prospects: Prospects): boolean {
  const growth = prospects.lastRounds / Math.max(1, prospects.rounds.length);
  if (growth <= 1) return false;
  const open = metrics.filter(({ verdict, estimate }) => verdict === 'cannot-tell' && estimate !== null);
  const judged = open.filter((metric) => metricOf(metric).ofPods !== true);
  const primary = judged.filter((metric) => metric.primary);
  if (primary.length === 0 || judged.some(({ interval }) => interval === null)) return false;
  const chances = new Map(judged.map((metric) => [metric, chanceOf(metric, judged.length, growth, prospects)]));
  return (
    judged.every((metric) => (chances.get(metric)?.change ?? 1) < SMALLEST_CHANCE) &&
    primary.every((metric) => (chances.get(metric)?.none ?? 1) < SMALLEST_CHANCE)
  );
}

function chanceOf(
  metric: MetricComparison,
  members: number,
  growth: number,
  { tolerance, error, lastError }: Prospects,
): { readonly change: number; readonly none: number } {
  const onEffects = (value: number | undefined): number =>
    metric.scale === 'ratio' ? Math.log(value ?? NaN) : (value ?? NaN);
  const margin = marginOf(metricOf(metric), tolerance);
  const half = (onEffects(metric.interval?.high) - onEffects(metric.interval?.low)) / 2;
  const quantile = (spent: number): number => normalQuantile(1 - spent / (2 * members));
  const standardError = half / quantile(error);
  const lastHalf = (quantile(lastError) * standardError) / Math.sqrt(growth);
  const spread = standardError * Math.sqrt(1 - 1 / growth);
  const centre = onEffects(metric.estimate ?? undefined);
  if (!(spread > 0)) return { change: 0, none: 1 };
  const below = (value: number): number => normalDistribution((value - centre) / spread);
  const [beyond, within] = [margin + lastHalf, margin - lastHalf];
  return { change: 1 - below(beyond) + below(-beyond), none: within > 0 ? below(within) - below(-within) : 0 };
}
