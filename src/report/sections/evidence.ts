import type { Report } from '../../model/report.ts';
import { listSection, type Section } from './section.ts';

/** The files that were kept of what went wrong, beside the page. */
export const evidence = ({ diagnostics }: Report): Section => ({
  ...listSection('evidence', 'Files of evidence', diagnostics),
  only: 'html',
});
