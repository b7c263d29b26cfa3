import type { Report } from '../../model/report.ts';
import { doubts as doubtsOf } from '../words/trust.ts';
import { paragraph, type Section } from './section.ts';

/** Doubts about the figures, before the figures. */
export const doubts = (report: Report): Section => ({
  id: 'doubts',
  title: 'Doubts',
  blocks: doubtsOf(report).map((sentence) => paragraph(sentence, 'doubt')),
  inMarkdown: 'bare',
  inHtml: 'head',
});
