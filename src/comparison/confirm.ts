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
import { ROUNDS_PER_BLOCK } from './plan.ts';
import { signFlips } from './sign-flips.ts';
import { signedRankPValue, walshAverages } from './signed-rank.ts';

/** The probability, at most, that fresh rounds confirm a hit that is none. */
export const CONFIRMATION_ERROR = 0.05;
/** A confirmation in rounds is looked at so often at most; each look but the last spends half of what is left of that error. */
export const CONFIRMATION_LOOKS = 3;

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

/** So many starts of both versions must show a hit, each by itself, where they can be started again. */
const FEWEST_STARTS = 2;
/** A start of fewer blocks, as when time has ended it, speaks neither for a hit nor against it. */
const FEWEST_BLOCKS_OF_A_START = 3;

/** By what hits are held against fresh rounds. */
interface ConfirmationTerms {
  readonly tolerance: number;
  /** The probability of a false confirmation that may be spent now. */
  readonly error: number;
  /** Whether the fresh rounds are of new starts. */
  readonly startsAgain?: boolean;
  /** What head is called. */
  readonly head: string;
  /** What a hit is judged by. */
  readonly metricFor?: (compared: MetricComparison) => Metric;
}

/**
 * Holds the hits of the search against fresh rounds, which had no part in raising them.
 *
 * The hits are tested one after another, the clearest of the search first, each for being worse by more than the tolerance, and the
 * first that is not confirmed ends it: with an order fixed beforehand that keeps the error of all of them together at the level of
 * one (fixed-sequence procedure, Maurer, Hothorn and Lehmacher 1995; Westfall and Krishen 2001, Journal of Statistical Planning
 * and Inference 99:25). A hit that is not confirmed is no longer called `slower`.
 *
 * Where both versions were started again, each of these starts must show the hit by itself, too, with its estimate: what one start has by chance (the nodes,
 * the layout of memory) is in all of its rounds, so that no number of them tells it from a change of the version.
 *
 * @param fresh the fresh rounds alone.
 */
export function confirmHits(
  metrics: readonly MetricComparison[],
  fresh: readonly MeasuredRound[],
  { tolerance, error, startsAgain = false, head, metricFor = metricOf }: ConfirmationTerms,
): {
  readonly confirmed: boolean;
  /** Whether a start has spoken against the clearest hit, so that no further rounds can confirm any. */
  readonly refuted: boolean;
  readonly metrics: MetricComparison[];
} {
  const hits = metrics
    .filter(({ verdict }) => verdict === 'slower')
    .sort((a, b) => distinctness(metricFor(b), b, tolerance) - distinctness(metricFor(a), a, tolerance));
  const judged = new Map<MetricComparison, MetricComparison>();
  let [open, refuted] = [true, hits.length === 0];
  for (const hit of hits) {
    const confirmation = confirmationOf(metricFor(hit), fresh, tolerance);
    const against = startsAgain ? startAgainst(metricFor(hit), fresh, { tolerance, head }) : null;
    refuted ||= open && against !== null;
    open = open && confirmation.pValue <= error && against === null;
    judged.set(hit, {
      ...hit,
      verdict: open ? 'slower' : 'cannot-tell',
      confirmation: { ...confirmation, confirmed: open },
      reason: open ? null : (against ?? notConfirmed(confirmation.rounds)),
    });
  }
  const after = metrics.map((metric) => judged.get(metric) ?? metric);
  return { confirmed: after.some(({ confirmation }) => confirmation?.confirmed === true), refuted, metrics: after };
}

const notConfirmed = (rounds: number): string =>
  rounds === 0
    ? 'The rounds of the search said slower, but no fresh rounds could be made to confirm it.'
    : 'The rounds of the search said slower, but fresh rounds did not confirm it.';

/** Why the starts of the fresh rounds do not bear a hit out; null when all of them do. Failures come in bursts, and are judged by their total over all starts. */
function startAgainst(
  metric: Metric,
  fresh: readonly MeasuredRound[],
  { tolerance, head }: Pick<ConfirmationTerms, 'tolerance' | 'head'>,
): string | null {
  const each = [...new Set(fresh.map(({ start = 0 }) => start))];
  const starts = each
    .map((start) => ({ start, rounds: fresh.filter((round) => (round.start ?? 0) === start) }))
    .filter(({ rounds }) => rounds.length >= FEWEST_BLOCKS_OF_A_START * ROUNDS_PER_BLOCK);
  if (starts.length < FEWEST_STARTS)
    return `The rounds of the search said slower, but there was no time for fresh rounds after ${String(FEWEST_STARTS)} other starts of both versions.`;
  if (metric.byTotal === true) return null;
  for (const { start, rounds } of starts) {
    const paired = pairFigures(metric, rounds);
    if (paired.effects.length === 0) continue;
    const centre = centreOf(metric, paired);
    if ((metric.better === 'lower' ? centre : -centre) <= marginOf(metric, tolerance))
      return `The rounds of the search said slower, but after another start of both versions ${head} was no longer slower by more than the tolerance (start ${String(start + 1)}). So the first start, or this one, was no usual one, or the change is as small as the tolerance.`;
  }
  return null;
}

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
