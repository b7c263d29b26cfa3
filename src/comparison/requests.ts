import type { ComparedRequest, MetricComparison } from '../model/comparison.ts';
import type { HostResult, LoadResult } from '../model/load.ts';
import { type Side, SIDES } from '../model/sides.ts';
import { medianOf } from './median.ts';
import type { Metric } from './metrics.ts';

/** One of the requests in the load: a host and path, or a request of a scenario. */
export type RequestName = Pick<HostResult, 'host' | 'path' | 'name'>;

/** The figure that requests are compared by: the median latency in a window, which a few slow answers do not move. */
export const requestMetric = (index: number): Metric => ({
  metric: 'latency-p50',
  unit: 'ms',
  better: 'lower',
  primary: false,
  scale: 'ratio',
  overAnswered: true,
  figure: ({ requests }) => requests?.[index]?.p50Ms ?? null,
});

/** A window with its requests, in order. */
interface RequestWindow {
  readonly version: Side;
  readonly load: LoadResult;
}

/**
 * The requests with what was found of each, those first that make up most of the change of all time that was waited
 * for.
 *
 * The share of a request is what its mean latency changed by, times how often it is asked, of the sum of that over all
 * requests. Shares add up to 1, so that some are below 0 or above 1 when requests changed in both directions. It is
 * null where base or head answered none: such a request has a row all the same, which says so.
 *
 * @param found the comparison of each request, in the order of `names`; null where no block counts.
 */
export function comparedRequests(
  names: readonly RequestName[],
  found: readonly (MetricComparison | null)[],
  windows: readonly RequestWindow[],
): ComparedRequest[] {
  const totals = names.map((_, index) => ({
    base: totalOf(windows, 'base', index),
    head: totalOf(windows, 'head', index),
  }));
  const asked = totals.map(({ base, head }) => base.answered + head.answered);
  const changes = totals.map(({ base, head }, index) =>
    base.answered === 0 || head.answered === 0
      ? null
      : ((asked[index] ?? 0) / 2) * (head.waitedMs / head.answered - base.waitedMs / base.answered),
  );
  const [allAsked, allChange] = [sum(asked), sum(changes.map((change) => change ?? 0))];
  return names
    .flatMap((name, index): ComparedRequest[] => {
      const latency = found[index] ?? withoutPairs(windows, index);
      const change = changes[index] ?? null;
      if (latency === null) return [];
      return [
        {
          ...name,
          shareOfRequests: allAsked === 0 ? 0 : (asked[index] ?? 0) / allAsked,
          shareOfChange: change === null || allChange === 0 ? null : change / allChange,
          latency,
        },
      ];
    })
    .sort((a, b) => Math.abs(b.shareOfChange ?? 0) - Math.abs(a.shareOfChange ?? 0));
}

/** A request that no block has a figure of in both versions; null when it was not sent either. */
function withoutPairs(windows: readonly RequestWindow[], index: number): MetricComparison | null {
  const of = (side: Side): HostResult[] =>
    windows.flatMap(({ version, load }) => (version === side ? (load.hosts[index] ?? []) : []));
  const silent = SIDES.filter(
    (side) => of(side).some(({ sent }) => sent > 0) && of(side).every(({ latencyMs }) => latencyMs === null),
  );
  if (SIDES.every((side) => of(side).every(({ sent }) => sent === 0))) return null;
  const { metric, unit, better, primary, scale } = requestMetric(index);
  const typical = (side: Side): number | null =>
    medianOf(of(side).flatMap(({ latencyMs }) => (latencyMs === null ? [] : [latencyMs.p50])));
  return {
    metric,
    unit,
    better,
    primary,
    scale,
    base: typical('base'),
    head: typical('head'),
    estimate: null,
    interval: null,
    singleInterval: null,
    verdict: 'cannot-tell',
    minimumDetectableEffect: null,
    rounds: 0,
    confirmation: null,
    reason:
      silent.length === 0
        ? 'No block has an answer to it from both versions in all of its windows.'
        : silent.length === SIDES.length
          ? 'Neither version ever answered it.'
          : `Only ${silent[0] === 'base' ? 'head' : 'base'} ever answered it.`,
  };
}

function totalOf(windows: readonly RequestWindow[], side: Side, index: number): { answered: number; waitedMs: number } {
  const results = windows.flatMap(({ version, load }) => (version === side ? (load.hosts[index] ?? []) : []));
  const answered = results.map(({ statuses }) => sum(Object.values(statuses)));
  return {
    answered: sum(answered),
    waitedMs: sum(results.map(({ latencyMs }, window) => (latencyMs?.avg ?? 0) * (answered[window] ?? 0))),
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
