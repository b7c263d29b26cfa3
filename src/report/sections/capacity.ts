import { sideHeadings, sideNames } from '../../comparison/sides.ts';
import type { CapacityResult, CapacityStep } from '../../model/capacity.ts';
import { type CapacityPair, type Comparison, courseOf, startsOfPairs } from '../../model/comparison.ts';
import type { Report } from '../../model/report.ts';
import { grouped, milliseconds, perSecond } from '../../text/numbers.ts';
import { capacityFigures } from '../charts/capacity.ts';
import { capacityText, inOrderOfRate, type Search, searchesOf, verdictOf } from '../words/capacity-text.ts';
import { chartBlocks } from './chart-blocks.ts';
import { type Block, figureColumn, paragraph, type Section, type Span, textColumn } from './section.ts';

/** The result of a capacity search with each of its steps; in a comparison, both searches. */
export function capacity(report: Report): Section | null {
  const searched = searchesOf(report);
  const { comparison } = report;
  const course = comparison === undefined ? null : courseOf(comparison);
  if (searched.length === 0) return null;
  return {
    id: 'capacity',
    title: 'Capacity',
    blocks: [
      ...searched.flatMap(searchBlocks),
      ...(comparison !== undefined && course?.kind === 'steps' ? pairsTable(course.pairs, comparison) : []),
    ],
  };
}

/** Whether head seemed to hold more, rather than less, before fresh steps were sent. */
const isForMore = ({ metrics }: Comparison): boolean =>
  metrics.some(({ confirmation }) => confirmation?.change === 'faster');

const searchBlocks = ({ version, name, heading, capacity: found }: Search): Block[] => [
  paragraph(version === null ? capacityText(found) : [{ strong: `${heading}:` }, ` ${capacityText(found)}`]),
  ...chartBlocks(capacityFigures(found, version, name)),
  {
    kind: 'folded',
    summary: `Steps of the search${inVersion(name)}`,
    blocks: [stepsTable(found, `Steps of the search${inVersion(name)} by rate`)],
    // The page has room for the steps of one search, but not of two.
    ...(version === null ? { open: 'html' as const } : {}),
  },
];

const inVersion = (name: string): string => (name === '' ? '' : ` in ${name}`);

const stepsTable = ({ steps }: CapacityResult, caption: string): Block => ({
  kind: 'table',
  caption,
  columns: [textColumn('Rate'), textColumn('Result'), ...['Requests', 'Failed', ...PERCENTILES].map(figureColumn)],
  rows: inOrderOfRate(steps).map((step) => [
    perSecond(step.ratePerSecond),
    verdictMark(step, verdictOf(step)),
    grouped(step.sent),
    grouped(step.failed),
    ...PERCENTILES.map((name) => milliseconds(step.latencyMs?.[name] ?? null)),
  ]),
});

const PERCENTILES = ['p50', 'p95', 'p99'] as const;

const verdictMark = ({ kept, generatorLimited }: CapacityStep, text: string): Span => ({
  mark: kept ? 'good' : generatorLimited ? 'open' : 'bad',
  text,
});

function pairsTable(pairs: readonly CapacityPair[], comparison: Comparison): Block[] {
  if (pairs.length === 0) return [];
  const cell = (step: CapacityStep): Span => verdictMark(step, `${perSecond(step.ratePerSecond)}, ${verdictOf(step)}`);
  const caption = `Fresh steps to confirm that ${sideNames(comparison).head} holds ${isForMore(comparison) ? 'more' : 'less'}`;
  const headings = sideHeadings(comparison);
  const restarted = startsOfPairs(pairs) > 0;
  return [
    {
      kind: 'folded',
      summary: caption,
      blocks: [
        {
          kind: 'table',
          caption,
          columns: ['Pair', ...(restarted ? ['Restart'] : []), headings.base, headings.head].map(textColumn),
          rows: pairs.map(({ start = 0, base, head }, index) => [
            String(index + 1),
            ...(restarted ? [String(start)] : []),
            cell(base),
            cell(head),
          ]),
        },
      ],
    },
  ];
}
