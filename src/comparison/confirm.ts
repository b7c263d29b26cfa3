import type { Comparison, MetricComparison } from '../model/comparison.ts';
import { heldAgainstStarts } from './held-against-starts.ts';
import { centreOf } from './judge.ts';
import { clearness, stepDown } from './max-t.ts';
import {
  type Change,
  directionOf,
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

/** The maximum probability that fresh rounds confirm a false hit. */
export const CONFIRMATION_ERROR = 0.05;
/**
 * The maximum number of looks at a confirmation in rounds; each look except the last spends half of what is left of
 * that error.
 */
export const CONFIRMATION_LOOKS = 3;

/** A comparison of two sides, whatever it measures. */
interface ComparisonInTurns {
  /** Measures both in turns until it is clear whether head is worse, or better. */
  search(): Promise<void>;
  /** Checks a hit against fresh measurements alone. */
  confirm(): Promise<void>;
  /** The result so far. */
  result(): Comparison;
}

/**
 * Searches, and confirms what was found.
 *
 * @param keep is called with the result at the end, and when an error ends the comparison.
 * @throws whatever the comparison throws, after `keep` got everything that was measured.
 */
export async function searchAndConfirm(
  comparison: ComparisonInTurns,
  keep: (known: Comparison) => void,
): Promise<Comparison> {
  const keepResult = (): Comparison => {
    const known = comparison.result();
    keep(known);
    return known;
  };
  try {
    await comparison.search();
    await comparison.confirm();
  } catch (error) {
    keepResult();
    throw error;
  }
  return keepResult();
}

/** What fresh rounds are judged by. */
interface ConfirmationTerms {
  readonly change: Change;
  readonly tolerance: number;
  /** The probability of a false confirmation that may be spent now. */
  readonly error: number;
  /** The rounds of the search, if the fresh ones use other starts; missing if they use the same one. */
  readonly searched?: readonly MeasuredRound[] | undefined;
  /** What a hit is judged by. */
  readonly metricFor?: (compared: MetricComparison) => Metric;
}

/**
 * Holds the hits of the search in one direction against fresh rounds, which had no part in raising them.
 *
 * The hits are tested one after another, the clearest of the search first, each for a change by more than the
 * tolerance, and the first that is not confirmed ends it: with an order fixed beforehand that keeps the error of all of
 * them together at the level of one (fixed-sequence procedure, Maurer, Hothorn and Lehmacher 1995; Westfall and Krishen
 * 2001, Journal of Statistical Planning and Inference 99:25). A hit that is not confirmed is no longer called `slower`
 * or `faster`.
 *
 * Where both versions were started again, the change must be clear of the differences between starts, too: what one
 * start has by chance (the nodes, the layout of memory) is in all of its rounds, so that no number of them tells it
 * from a change of the version.
 *
 * @param fresh the fresh rounds alone.
 */
export function confirmHits(
  metrics: readonly MetricComparison[],
  fresh: readonly MeasuredRound[],
  { change, tolerance, error, searched, metricFor = metricOf }: ConfirmationTerms,
): {
  readonly confirmed: boolean;
  /**
   * Whether nothing in this direction is left to confirm, or other starts contradict the clearest hit, so further
   * rounds are pointless.
   */
  readonly refuted: boolean;
  readonly metrics: MetricComparison[];
} {
  const terms = { change, tolerance };
  const hits = metrics
    .filter(({ verdict }) => verdict === change)
    .sort((a, b) => distinctness(metricFor(b), b, terms) - distinctness(metricFor(a), a, terms));
  const judged = new Map<MetricComparison, MetricComparison>();
  let [open, refuted] = [true, hits.length === 0];
  for (const hit of hits) {
    const metric = metricFor(hit);
    const confirmation = confirmationOf(metric, fresh, terms);
    const starts =
      error === 0 ? undefined : searched && heldAgainstStarts(metric, { searched, fresh }, { ...terms, error });
    refuted ||= open && starts?.refuted === true;
    open = open && confirmation.pValue <= error && (starts?.against ?? null) === null;
    judged.set(hit, {
      ...hit,
      verdict: open ? change : 'cannot-tell',
      confirmation: {
        ...confirmation,
        confirmed: open,
        ...(starts?.bounds === undefined
          ? {}
          : { byStarts: { low: onScale(metric, starts.bounds.low), high: onScale(metric, starts.bounds.high) } }),
      },
      reason: open
        ? null
        : `The rounds of the search said ${change}, but ${starts?.against ?? notConfirmed(confirmation.rounds)}`,
    });
  }
  const after = metrics.map((metric) => judged.get(metric) ?? metric);
  return { confirmed: after.some((metric) => isConfirmed(metric, change)), refuted, metrics: after };
}

const isConfirmed = ({ confirmation }: MetricComparison, change: Change): boolean =>
  confirmation?.confirmed === true && confirmation.change === change;

const notConfirmed = (rounds: number): string =>
  rounds === 0
    ? 'no time was left for fresh rounds to confirm it: raise compare-limit.'
    : 'fresh rounds did not confirm it.';

function confirmationOf(
  metric: Metric,
  fresh: readonly MeasuredRound[],
  { change, tolerance }: Pick<ConfirmationTerms, 'change' | 'tolerance'>,
): Omit<NonNullable<MetricComparison['confirmation']>, 'confirmed'> {
  const paired = pairFigures(metric, fresh);
  return {
    change,
    estimate: paired.effects.length === 0 ? null : onScale(metric, centreOf(metric, paired)),
    pValue: pValueOf(paired, metric, { margin: marginOf(metric, tolerance), change }),
    rounds: paired.base.length,
  };
}

/** The one-sided p-value against a change of at most `margin` in this direction. */
function pValueOf(
  { blocks, effects }: PairedFigures,
  metric: Metric,
  { margin, change }: { readonly margin: number; readonly change: Change },
): number {
  if (effects.length === 0) return 1;
  const toward = effects.map((effect) => directionOf(metric, change) * effect);
  if (metric.byTotal !== true) return signedRankPValue(walshAverages(toward), toward.length, margin);
  const flips = signFlips((blocks.at(-1) ?? 0) + 1);
  return stepDown([clearness(flips, { blocks, effects: toward, statistic: 'sum' }, margin, 1)])[0] ?? 1;
}

/** How far the interval lies beyond the margin, in widths of the interval: far and narrow is clear. */
function distinctness(
  metric: Metric,
  hit: MetricComparison,
  { change, tolerance }: Pick<ConfirmationTerms, 'change' | 'tolerance'>,
): number {
  const { low = NaN, high = NaN } = hit.interval ?? hit.singleInterval ?? {};
  const onEffects = (value: number): number => (metric.scale === 'ratio' ? Math.log(value) : value);
  const nearest = directionOf(metric, change) === 1 ? onEffects(low) : -onEffects(high);
  const width = onEffects(high) - onEffects(low);
  const beyond = nearest - marginOf(metric, tolerance);
  return width === 0 ? Infinity : beyond / width;
}
