import type { CapacityStep } from '../../model/capacity.ts';
import type { LoadResult, LoadSlice, ThresholdResult } from '../../model/load.ts';
import { begunOf, nounOf } from '../counts/delivery.ts';
import { mannKendallZ } from '../counts/uncertainty.ts';
import { measuredText } from '../thresholds/measured-text.ts';
import { evaluateThresholds } from '../thresholds/threshold-results.ts';
import { judged } from '../thresholds/without-verdict.ts';
import type { MetricName, Threshold } from '../thresholds/thresholds.ts';
import type { StepPlan } from './capacity-search.ts';

/** This many requests must lie beyond a percentile; with fewer, it depends on the fate of a few. */
const BEYOND = 10;
/**
 * No failure among n requests shows, with 95 % confidence, a share below 3/n ("rule of three", Hanley and Lippman-Hand
 * 1983, JAMA 249:1743).
 */
const RULE_OF_THREE = 3;
const FEWEST_REQUESTS = 100;
const MOST_REQUESTS = 100_000;

/** How many requests a step needs to make its thresholds meaningful. */
export function requestsFor(thresholds: readonly Threshold[]): number {
  const needed = thresholds.map(({ metric, aggregation, limit }) => {
    if (aggregation.kind === 'percentile' && aggregation.p < 100) return BEYOND / (1 - aggregation.p / 100);
    return metric === 'http_req_failed' && limit > 0 ? RULE_OF_THREE / limit : FEWEST_REQUESTS;
  });
  return Math.round(Math.min(MOST_REQUESTS, Math.max(FEWEST_REQUESTS, ...needed)));
}

/** The share of due requests that may never have been sent. */
const TOLERATED_NOT_SENT = 0.01;
/**
 * This share of the requests may fail where no rule says how many may: a system that refuses what comes too fast has
 * quick answers at any rate.
 */
const TOLERATED_FAILED = 0.01;
const RULES_ON_FAILURES: ReadonlySet<string> = new Set<MetricName>(['http_req_failed', 'checks', 'journey_failed']);
/** Slower growth of a queue is within the noise of a step: 10 ms more latency per second of load. */
const TOLERATED_GROWTH = 0.01;
/** Less than 1 in 100 by chance alone. */
const GROWTH_Z = 2.576;

/**
 * Whether the system kept up with a step: every threshold holds, its queue did not grow, and what was due was sent.
 * Without the last two, a rule on failures alone would be kept at any rate for as long as a step takes: what comes too
 * fast only waits. Without a rule on failures, at most 1 % of the requests may fail: rules on times alone would be kept
 * by a system that answers hardly anything.
 */
export function judgeStep(
  { ratePerSecond }: StepPlan,
  load: LoadResult,
  thresholds: readonly Threshold[],
): CapacityStep {
  const { total, timeline = [], durationSeconds, notSent, generator } = load;
  const broken = judged(evaluateThresholds(thresholds, { load, resources: null }), load).find(({ passed }) => !passed);
  const reason = whyNotKept(load, broken, timeline) ?? (areFailuresJudged(thresholds) ? null : tooManyFailed(load));
  return {
    ratePerSecond,
    durationSeconds,
    sent: total.sent,
    failed: total.failed,
    notSent,
    latencyMs:
      total.latencyMs === null
        ? null
        : { p50: total.latencyMs.p50, p95: total.latencyMs.p95, p99: total.latencyMs.p99 },
    kept: reason === null,
    reason,
    generatorLimited: generator?.limited === true || broken?.withoutVerdict !== undefined,
  };
}

const areFailuresJudged = (thresholds: readonly Threshold[]): boolean =>
  thresholds.some(({ metric }) => RULES_ON_FAILURES.has(metric));

const tooManyFailed = ({ total: { sent, failed } }: LoadResult): string | null =>
  failed > TOLERATED_FAILED * sent
    ? `${String(failed)} of ${String(sent)} requests failed, and no rule on http_req_failed allows that`
    : null;

function whyNotKept(
  load: LoadResult,
  broken: ThresholdResult | undefined,
  timeline: readonly LoadSlice[],
): string | null {
  if (broken !== undefined) return `${broken.rule} does not hold: ${measuredText(broken)}`;
  const { notSent } = load;
  const due = begunOf(load) + notSent;
  if (due === 0 || notSent / due > TOLERATED_NOT_SENT)
    return `${String(notSent)} of ${String(due)} ${nounOf(load)} never left`;
  const growth = queueGrowth(timeline);
  return growth > TOLERATED_GROWTH
    ? `the queue grew: the latency rose by ${(growth * 1000).toFixed(0)} ms per second`
    : null;
}

/**
 * How fast the queue of a system grows under an open load: seconds of latency gained in a second of load. In
 * the fluid model of an overloaded queue that is 1 - (served / arriving), so 0.05 means that 5 % more arrives than
 * is served. 0 when there is no trend (Mann and Kendall, 1 % level).
 *
 * The slope is the median of all slopes between two slices (Theil 1950; Sen 1968, JASA 63:1379), so that
 * a few slow slices do not make a trend.
 */
export function queueGrowth(timeline: readonly LoadSlice[]): number {
  const points = timeline.flatMap(({ startSeconds, p50Ms }) =>
    p50Ms === null ? [] : [{ at: startSeconds, seconds: p50Ms / 1000 }],
  );
  if (points.length < 5 || mannKendallZ(points.map(({ seconds }) => seconds)) < GROWTH_Z) return 0;
  const slopes = points.flatMap((a, index) =>
    points.slice(index + 1).map((b) => (b.seconds - a.seconds) / (b.at - a.at)),
  );
  return slopes.sort((a, b) => a - b)[Math.floor(slopes.length / 2)] ?? 0;
}
