import type { Comparison, MetricComparison } from '../model/comparison.ts';
import type { Interval } from '../model/units.ts';
import { confirmHits } from './confirm.ts';
import {
  beyondBand,
  failuresOf,
  judge,
  type Judgement,
  type Terms,
  wholeVerdict,
  withoutAdvantageOfFailing,
} from './judge.ts';
import { type Change, type MeasuredRound, metricOf } from './metrics.ts';
import { requestMetric } from './requests.ts';

/** By what the hits of a search are held against fresh rounds. */
interface HoldTerms {
  readonly tolerance: number;
  /** The probability of a false confirmation that may be spent now. */
  readonly error: number;
  /** The rounds of the search, where the fresh ones are of other starts; undefined where they are of the same. */
  readonly searched: readonly MeasuredRound[] | undefined;
}

/**
 * What fresh rounds leave of the hits for the worse, and of those for the better, each direction with an error of its
 * own. A decision for the worse leaves none for the better to wait for.
 *
 * @param fresh the fresh rounds alone.
 */
export function holdHits(
  found: Judgement,
  fresh: readonly MeasuredRound[],
  terms: HoldTerms,
): { readonly decided: boolean; readonly judgement: Judgement } {
  const worse = holdIn('slower', found, fresh, terms);
  const both = holdIn('faster', worse.judgement, fresh, terms);
  return {
    decided: worse.confirmed || (worse.refuted && (both.confirmed || both.refuted)),
    judgement: both.judgement,
  };
}

/**
 * What they leave in one direction: of the whole, and of single requests, each in an order of its own. Where the whole
 * was a hit and is not confirmed, no request is.
 */
function holdIn(
  change: Change,
  found: Judgement,
  fresh: readonly MeasuredRound[],
  { tolerance, error, searched }: HoldTerms,
): { readonly confirmed: boolean; readonly refuted: boolean; readonly judgement: Judgement } {
  const terms = { change, tolerance, error, searched };
  const whole = confirmHits(found.metrics, fresh, terms);
  const wasHit = found.metrics.some(({ verdict }) => verdict === change);
  const known = found.requests.flatMap((request) => request ?? []);
  const single = confirmHits(known, fresh, {
    ...terms,
    error: wasHit && !whole.confirmed ? 0 : error,
    metricFor: (request) => requestMetric(found.requests.indexOf(request)),
  });
  const requests = found.requests.map((request) => request && (single.metrics[known.indexOf(request)] ?? null));
  return {
    confirmed: whole.confirmed || single.confirmed,
    refuted: whole.refuted && (wasHit || single.refuted),
    judgement: { verdict: wholeVerdict(whole.metrics, requests), metrics: whole.metrics, requests },
  };
}

/**
 * The hits with the figures of all rounds, those of the search and the fresh ones: these are surer, and less kind to
 * what raised the suspicion. Verdicts stay as they are, but for a figure that leaves out what failed in fresh rounds.
 *
 * @param terms with the error of the look that found the hits: with as many blocks as there are now it gives intervals
 * that hold together as before.
 */
export function withAllRounds(
  { metrics, requests }: Judgement,
  rounds: readonly MeasuredRound[],
  terms: Terms,
): Judgement {
  const all = judge(rounds, terms);
  const failures = all.metrics.find(({ metric }) => metric === 'failed-share')?.verdict ?? 'cannot-tell';
  const renewed = (
    before: MetricComparison,
    again: MetricComparison | null | undefined,
    failing = failures,
  ): MetricComparison => {
    if (again === null || again === undefined || before.confirmation?.confirmed !== true) return before;
    const { base, head, estimate, singleInterval, minimumDetectableEffect } = again;
    const both = again.interval && wider(again.interval, before.confirmation.byStarts ?? again.interval);
    const interval = beyondBand({ ...again, verdict: before.verdict, interval: both }, terms.tolerance);
    const figures = { base, head, estimate, interval, singleInterval, minimumDetectableEffect, rounds: again.rounds };
    const metric = { ...before, ...figures };
    const fair = metricOf(metric).overAnswered
      ? withoutAdvantageOfFailing(metric, failing, rounds, terms.names)
      : metric;
    return isChanged(fair.verdict)
      ? fair
      : { ...fair, interval: again.interval, confirmation: { ...before.confirmation, confirmed: false } };
  };
  const kept = metrics.map((metric) =>
    renewed(
      metric,
      all.metrics.find((each) => each.metric === metric.metric),
    ),
  );
  const keptRequests = requests.map(
    (request, index) => request && renewed(request, all.requests[index], failuresOf(index, rounds) ?? failures),
  );
  return { verdict: wholeVerdict(kept, keptRequests), metrics: kept, requests: keptRequests };
}

/** At each end the wider of two: starts differ, too. */
const wider = (one: Interval, other: Interval): Interval => ({
  low: Math.min(one.low, other.low),
  high: Math.max(one.high, other.high),
});

/** Whether a verdict says that head is worse or better, and not that nothing was found. */
export const isChanged = (verdict: Comparison['verdict']): verdict is Change =>
  verdict === 'slower' || verdict === 'faster';
