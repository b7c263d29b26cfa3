import type { Report } from '../../model/report.ts';
import { EARLIER_RUN_HEAD, earlierRunRows, earlierRunText } from '../words/earlier-run.ts';
import { figureColumn, paragraph, type Section, textColumn } from './section.ts';

/** After the figures of this run: it is context and must not look like a result. */
export function earlierRun({ earlier }: Report): Section | null {
  if (earlier === undefined) return null;
  return {
    id: 'earlier',
    title: 'An earlier run, for context',
    inMarkdown: 'folded',
    blocks: [
      paragraph(earlierRunText(earlier)),
      {
        kind: 'table',
        caption: 'An earlier run next to this one',
        columns: EARLIER_RUN_HEAD.map((head, index) => (index === 0 ? textColumn(head) : figureColumn(head))),
        rows: earlierRunRows(earlier),
      },
      { kind: 'link', title: 'Log of that run', url: earlier.url },
    ],
  };
}
