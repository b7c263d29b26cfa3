import type { Report } from '../../model/report.ts';
import { diagramsOf } from '../charts/diagrams.ts';
import type { Section } from './section.ts';

/** All charts of Markdown, which the page has where they belong: last of what was measured, for the room that they take. */
export const charts = (report: Report): Section => ({
  id: CHARTS,
  title: 'Charts',
  only: 'markdown',
  inMarkdown: 'folded',
  blocks: diagramsOf(report).map((diagram) => ({
    kind: 'figure',
    title: diagram.title,
    note: '',
    chart: null,
    diagram,
  })),
});

export const CHARTS = 'charts';
