import { sideNames } from '../../comparison/sides.ts';
import { p50Of, roundChange, toleranceText } from '../../comparison/words.ts';
import { type Comparison, type ComparisonRound, courseOf, type RoundFigures } from '../../model/comparison.ts';
import { overlaidDistribution } from './distribution.ts';
import type { Figure } from './figure.ts';

/** Charts of a comparison: what the versions did in each round, and their latency distributions. */
export function comparisonFigures(comparison: Comparison): Figure[] {
  const course = courseOf(comparison);
  if (course.kind !== 'rounds' || course.rounds.length < 2) return [];
  const { rounds, latencyHistograms } = course;
  const xs = rounds.map(({ index }) => index + 1);
  const sides = sideNames(comparison);
  const over = {
    x: { unit: 'round', scale: 'linear' },
    shape: 'points',
    clock: false,
    xs,
    marks: confirmationMark(rounds),
  } as const;
  const each = (name: string, figure: (round: ComparisonRound) => number | null) => ({
    name,
    values: rounds.map(figure),
  });
  const change =
    (figure: (figures: RoundFigures) => number | null) =>
    ({ base, head }: ComparisonRound): number | null =>
      roundChange(figure(base), figure(head));
  return [
    ...(latencyHistograms === null ? [] : [overlaidDistribution(latencyHistograms, sides)]),
    {
      title: 'Change in each round',
      note: `${sides.head} to ${sides.base}; up to ${toleranceText(comparison)} counts as no change`,
      chart: {
        ...over,
        id: 'round-changes',
        y: { unit: 'change', scale: 'linear' },
        lines: [
          each('p50', change(p50Of)),
          each(
            'throughput',
            change(({ requestsPerSecond }) => requestsPerSecond),
          ),
        ],
        levels: [0, comparison.tolerance, -comparison.tolerance],
      },
    },
    {
      title: 'Median latency in each round',
      note: '',
      chart: {
        ...over,
        id: 'round-latencies',
        y: { unit: 'ms', scale: 'linear' },
        lines: [each(sides.base, ({ base }) => p50Of(base)), each(sides.head, ({ head }) => p50Of(head))],
        levels: [],
      },
    },
  ];
}

/** Where the fresh rounds begin. */
function confirmationMark(rounds: readonly ComparisonRound[]): { readonly name: string; readonly at: number }[] {
  const first = rounds.find(({ confirmation }) => confirmation);
  return first === undefined ? [] : [{ name: 'fresh rounds', at: first.index + 0.5 }];
}
