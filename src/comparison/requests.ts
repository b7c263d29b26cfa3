import type { ComparedRequest, MetricComparison } from '../model/comparison.ts';
import type { HostResult, LoadResult } from '../model/load.ts';
import type { Side } from '../model/sides.ts';
import type { Metric } from './metrics.ts';

/** One of the requests that the load is made of: a host and path, or a request of a scenario. */
export type RequestName = Pick<HostResult, 'host' | 'path' | 'name'>;

/** The figure that one request is compared by: its median latency in a window, which a few slow answers do not move. */
export const requestMetric = (index: number): Metric => ({
  metric: 'latency-p50',
  unit: 'ms',
  better: 'lower',
  primary: false,
  scale: 'ratio',
  overAnswered: true,
  figure: ({ requests }) => requests?.[index]?.p50Ms ?? null,
});

/** A window with what was asked in it, in the order of the requests. */
interface RequestWindow {
  readonly version: Side;
  readonly load: LoadResult;
}

/**
 * The requests with what was found of each, those first that make up most of the change of all time that was waited for.
 *
 * The share of a request is what its mean latency changed by, times how often it is asked, of the sum of that over all requests. Shares
 * add up to 1, so that some are below 0 or above 1 when requests changed in both directions. It is null where base or head answered none.
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
      const latency = found[index] ?? null;
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

function totalOf(windows: readonly RequestWindow[], side: Side, index: number): { answered: number; waitedMs: number } {
  const results = windows.flatMap(({ version, load }) => (version === side ? (load.hosts[index] ?? []) : []));
  const answered = results.map(({ statuses }) => sum(Object.values(statuses)));
  return {
    answered: sum(answered),
    waitedMs: sum(results.map(({ latencyMs }, window) => (latencyMs?.avg ?? 0) * (answered[window] ?? 0))),
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
