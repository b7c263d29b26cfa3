import type { CapacityResult, CapacityStep } from '../../model/capacity.ts';
import { type CapacityPair, courseOf } from '../../model/comparison.ts';
import type { Report } from '../../model/report.ts';
import { grouped, milliseconds, perSecond } from '../../text/numbers.ts';
import { capacityFigures } from '../charts/capacity.ts';
import {
  capacityText,
  inOrderOfRate,
  type Search,
  searchesOf,
  verdictOf,
  versionHeading,
} from '../words/capacity-text.ts';
import { chartBlocks } from './chart-blocks.ts';
import { type Block, figureColumn, paragraph, type Section, type Span, textColumn } from './section.ts';

/** What a search for the capacity found, with each of its steps; of a comparison both searches. */
export function capacity(report: Report): Section | null {
  const searched = searchesOf(report);
  const course = report.comparison === undefined ? null : courseOf(report.comparison);
  if (searched.length === 0) return null;
  return {
    id: 'capacity',
    title: 'Capacity',
    blocks: [...searched.flatMap(searchBlocks), ...(course?.kind === 'steps' ? pairsTable(course.pairs) : [])],
  };
}

const searchBlocks = ({ version, capacity: found }: Search): Block[] => [
  paragraph(
    version === '' ? capacityText(found) : [{ strong: `${versionHeading(version)}:` }, ` ${capacityText(found)}`],
  ),
  ...chartBlocks(capacityFigures(found, version)),
  {
    kind: 'folded',
    summary: `Steps of the search${inVersion(version)}`,
    blocks: [stepsTable(found, `Steps of the search${inVersion(version)} by rate`)],
    // The page has room for the steps of one search, and not for those of two.
    ...(version === '' ? { open: 'html' as const } : {}),
  },
];

const inVersion = (version: Search['version']): string => (version === '' ? '' : ` in ${version}`);

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

function pairsTable(pairs: readonly CapacityPair[]): Block[] {
  if (pairs.length === 0) return [];
  const cell = (step: CapacityStep): Span => verdictMark(step, `${perSecond(step.ratePerSecond)}, ${verdictOf(step)}`);
  const caption = 'Fresh steps to confirm that head holds less';
  return [
    {
      kind: 'folded',
      summary: caption,
      blocks: [
        {
          kind: 'table',
          caption,
          columns: ['Pair', 'Base', 'Head'].map(textColumn),
          rows: pairs.map(({ base, head }, index) => [String(index + 1), cell(base), cell(head)]),
        },
      ],
    },
  ];
}
