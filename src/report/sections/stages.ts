import type { Report } from '../../model/report.ts';
import type { StageRecord } from '../../model/run.ts';
import { seconds } from '../../text/numbers.ts';
import { figureColumn, graphicColumn, type Section, textColumn } from './section.ts';

/** How long each stage took, and when it ran. */
export function stages({ stages: records, startedAt }: Report): Section {
  const begin = Date.parse(startedAt);
  const endOf = ({ startedAt: start, durationMs }: StageRecord): number =>
    Date.parse(start) - begin + (durationMs ?? 0);
  const whole = Math.max(1, ...records.map(endOf));
  return {
    id: 'stages',
    title: 'Time per stage',
    inMarkdown: 'folded',
    blocks: [
      {
        kind: 'table',
        caption: 'Time per stage',
        columns: [
          textColumn('Stage'),
          textColumn('Outcome'),
          figureColumn('Time'),
          graphicColumn('From start to end of the run'),
        ],
        rows: records.map((stage) => [
          { code: stage.name },
          stage.outcome,
          seconds(stage.durationMs),
          {
            graphic: 'bar',
            from: (Date.parse(stage.startedAt) - begin) / whole,
            share: (stage.durationMs ?? 0) / whole,
          },
        ]),
      },
    ],
  };
}
