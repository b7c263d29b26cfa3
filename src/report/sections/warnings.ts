import type { Report } from '../../model/report.ts';
import { listSection, type Section } from './section.ts';

/** Problems that did not stop the run. */
export const warnings = ({ warnings: sentences }: Report): Section => listSection('warnings', 'Warnings', sentences);
