import type { Report } from '../../model/report.ts';
import { diagramsOf } from '../charts/diagrams.ts';
import type { Section } from './section.ts';

/**
 * All charts of the Markdown, after everything that was measured because of their size; in the page they are in their
 * sections.
 */
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
