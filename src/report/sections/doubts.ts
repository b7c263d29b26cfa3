import type { Report } from '../../model/report.ts';
import { doubts as doubtsOf } from '../words/trust.ts';
import { paragraph, type Section } from './section.ts';

/** What speaks against the figures, before them. */
export const doubts = (report: Report): Section => ({
  id: 'doubts',
  title: 'Doubts',
  blocks: doubtsOf(report).map((sentence) => paragraph(sentence, 'doubt')),
  inMarkdown: 'bare',
  inHtml: 'head',
});
