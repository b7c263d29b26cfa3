import type { LoadResult, StageResult } from '../../model/load.ts';
import type { Report } from '../../model/report.ts';
import { approximate, grouped, milliseconds, percent, perSecond } from '../../text/numbers.ts';
import { stageText } from '../words/load-model-text.ts';
import { weakPercentiles } from '../words/trust.ts';
import { type Cell, figureColumn, notes, type Section, textColumn } from './section.ts';

const STATISTICS = ['p50', 'p95', 'p99', 'max'] as const;

/** Each stage of a load in stages. */
export function loadStages({ load }: Report): Section | null {
  if (load?.stages === undefined) return null;
  return {
    id: 'load-stages',
    title: 'Stages of the load',
    blocks: [
      {
        kind: 'table',
        caption: 'Requests and latency by stage of the load',
        columns: [
          textColumn('Stage'),
          ...['Succeeded', ...STATISTICS, 'Throughput', 'Requests', 'Late', 'Never sent'].map(figureColumn),
        ],
        rows: load.stages.map((stage) => row(stage, load)),
      },
      ...notes([
        'A request belongs to the stage in which it was due, whenever it was answered.',
        'A load in stages has no intervals, because there is no single value to estimate.',
      ]),
    ],
  };
}

function row(stage: StageResult, { model }: LoadResult): Cell[] {
  const { number, figures, sentLate, notSent } = stage;
  const weak: ReadonlySet<string> = weakPercentiles(figures);
  const asked = stageText(stage, model);
  return [
    number === null ? `Ramp: ${asked}` : `${String(number)}: ${asked}`,
    percent(figures.successRatio),
    ...STATISTICS.map((name) => approximate(milliseconds(figures.latencyMs?.[name] ?? null), weak.has(name))),
    perSecond(figures.requestsPerSecond),
    grouped(figures.sent),
    grouped(sentLate),
    grouped(notSent),
  ];
}
