import type { ComparedStart } from '../model/comparison.ts';
import { centreOf } from './judge.ts';
import { type MeasuredRound, METRICS, onScale, pairFigures } from './metrics.ts';

/** What each start of both versions showed by itself, in metrics with blocks from all of them. */
export function comparedStarts(rounds: readonly MeasuredRound[]): ComparedStart[] {
  const starts = [...new Set(rounds.map(({ start = 0 }) => start))].map((start) => ({
    start,
    rounds: rounds.filter((round) => (round.start ?? 0) === start),
  }));
  const paired = METRICS.map((metric) => ({
    metric,
    ofStarts: starts.map((each) => pairFigures(metric, each.rounds)),
  })).filter(({ ofStarts }) => ofStarts.every(({ effects }) => effects.length > 0));
  return starts.map((each, index) => ({
    start: each.start,
    rounds: each.rounds.length,
    estimates: paired.flatMap(({ metric, ofStarts }) => {
      const figures = ofStarts[index];
      return figures === undefined
        ? []
        : [{ metric: metric.metric, estimate: onScale(metric, centreOf(metric, figures)) }];
    }),
  }));
}
