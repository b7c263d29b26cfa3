import type { LatencySummary } from '../../model/load.ts';
import type { Threshold } from './thresholds.ts';

/** A figure, or a sentence that says why there is none. */
export type Figure = number | string;

/**
 * The figure of times that a rule is about.
 *
 * @param percentiles those that were kept beside the usual ones.
 */
export function durationFigure(
  aggregation: Threshold['aggregation'],
  durations: LatencySummary,
  percentiles: Readonly<Record<string, number>> | undefined,
): Figure {
  switch (aggregation.kind) {
    case 'percentile':
      return (
        percentiles?.[String(aggregation.p)] ??
        usualPercentiles(durations).get(aggregation.p) ??
        `The percentile ${String(aggregation.p)} was not kept.`
      );
    case 'med':
      return durations.p50;
    case 'avg':
    case 'min':
    case 'max':
      return durations[aggregation.kind];
    default:
      return `There is no ${aggregation.kind} of a duration.`;
  }
}

function usualPercentiles({ min, p50, p90, p95, p99, max }: LatencySummary): ReadonlyMap<number, number> {
  return new Map([
    [0, min],
    [50, p50],
    [90, p90],
    [95, p95],
    [99, p99],
    [100, max],
  ]);
}
