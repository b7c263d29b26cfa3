import type { Comparison, MetricComparison } from '../model/comparison.ts';
import { centreOf } from './judge.ts';
import { clearness, stepDown } from './max-t.ts';
import {
  marginOf,
  type MeasuredRound,
  type Metric,
  metricOf,
  onScale,
  type PairedFigures,
  pairFigures,
} from './metrics.ts';
import { signFlips } from './sign-flips.ts';
import { signedRankPValue, walshAverages } from './signed-rank.ts';

/** The probability, at most, that fresh rounds confirm a hit that is none. */
export const CONFIRMATION_ERROR = 0.05;
/** A confirmation is looked at so often, and each look may spend its part of that error. */
export const CONFIRMATION_LOOKS = 2;

/** A comparison of two sides, by whatever it measures. */
interface ComparisonInTurns {
  /** Measures both in turns until it can be told whether head is worse. */
  search(): Promise<void>;
  /** Holds a hit against fresh measurements alone. */
  confirm(): Promise<void>;
  /** What is known so far. */
  result(): Comparison;
}

/**
 * Searches, and confirms what was found.
 *
 * @param keep takes what is known at the end, and when an error ends the comparison.
 * @throws whatever the comparison throws, after `keep` was given all that was measured.
 */
export async function searchAndConfirm(
  comparison: ComparisonInTurns,
  keep: (known: Comparison) => void,
): Promise<Comparison> {
  try {
    await comparison.search();
    await comparison.confirm();
  } finally {
    keep(comparison.result());
  }
  return comparison.result();
}

/**
 * Holds the hits of the search against fresh rounds, which had no part in raising them.
 *
 * The hits are tested one after another, the clearest of the search first, each for being worse by more than the tolerance, and the
 * first that is not confirmed ends it: with an order fixed beforehand that keeps the error of all of them together at the level of
 * one (fixed-sequence procedure, Maurer, Hothorn and Lehmacher 1995; Westfall and Krishen 2001, Journal of Statistical Planning
 * and Inference 99:25). A hit that is not confirmed is no longer called `slower`.
 *
 * @param fresh the fresh rounds alone.
 * @param error the probability of a false confirmation that may be spent now.
 * @param metricFor what a hit is judged by.
 */
export function confirmHits(
  metrics: readonly MetricComparison[],
  fresh: readonly MeasuredRound[],
  tolerance: number,
  error: number,
  metricFor: (compared: MetricComparison) => Metric = metricOf,
): { readonly confirmed: boolean; readonly metrics: MetricComparison[] } {
  const hits = metrics
    .filter(({ verdict }) => verdict === 'slower')
    .sort((a, b) => distinctness(metricFor(b), b, tolerance) - distinctness(metricFor(a), a, tolerance));
  const judged = new Map<MetricComparison, MetricComparison>();
  let open = true;
  for (const hit of hits) {
    const confirmation = confirmationOf(metricFor(hit), fresh, tolerance);
    open = open && confirmation.pValue <= error;
    judged.set(hit, {
      ...hit,
      verdict: open ? 'slower' : 'cannot-tell',
      confirmation: { ...confirmation, confirmed: open },
      reason: open ? null : notConfirmed(confirmation.rounds),
    });
  }
  const after = metrics.map((metric) => judged.get(metric) ?? metric);
  return { confirmed: after.some(({ confirmation }) => confirmation?.confirmed === true), metrics: after };
}

const notConfirmed = (rounds: number): string =>
  rounds === 0
    ? 'The rounds of the search said slower, but no fresh rounds could be made to confirm it.'
    : 'The rounds of the search said slower, but fresh rounds did not confirm it.';

function confirmationOf(
  metric: Metric,
  fresh: readonly MeasuredRound[],
  tolerance: number,
): Omit<NonNullable<MetricComparison['confirmation']>, 'confirmed'> {
  const paired = pairFigures(metric, fresh);
  return {
    estimate: paired.effects.length === 0 ? null : onScale(metric, centreOf(metric, paired)),
    pValue: pValueOf(metric, paired, marginOf(metric, tolerance)),
    rounds: paired.base.length,
  };
}

/** The one-sided p-value against a change for the worse of at most `margin`. */
function pValueOf(metric: Metric, { blocks, effects }: PairedFigures, margin: number): number {
  if (effects.length === 0) return 1;
  const worse = metric.better === 'lower' ? effects : effects.map((effect) => -effect);
  if (metric.byTotal !== true) return signedRankPValue(walshAverages(worse), worse.length, margin);
  const flips = signFlips((blocks.at(-1) ?? 0) + 1);
  return stepDown([clearness(flips, { blocks, effects: worse, statistic: 'sum' }, margin, 1)])[0] ?? 1;
}

/** How far the interval lies beyond the margin, in widths of the interval: what is far and narrow is clear. */
function distinctness(metric: Metric, hit: MetricComparison, tolerance: number): number {
  const { low = NaN, high = NaN } = hit.interval ?? hit.singleInterval ?? {};
  const onEffects = (value: number): number => (metric.scale === 'ratio' ? Math.log(value) : value);
  const nearest = metric.better === 'lower' ? onEffects(low) : -onEffects(high);
  const width = onEffects(high) - onEffects(low);
  const beyond = nearest - marginOf(metric, tolerance);
  return width === 0 ? Infinity : beyond / width;
}
