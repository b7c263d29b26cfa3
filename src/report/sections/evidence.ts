import type { Report } from '../../model/report.ts';
import { exportsOf } from '../exports/exports.ts';
import { historyLineOf } from '../history/history-of-report.ts';
import { listSection, type Section } from './section.ts';

/** The files next to the page: the report in other formats, and diagnostics of failures. */
export function evidence(report: Report): Section {
  const exported = exportsOf(report);
  const files = [
    'report.json',
    'report.md',
    ...(report.thresholds.length === 0 ? [] : ['thresholds.xml']),
    ...('files' in exported ? Object.keys(exported.files) : []),
    ...(historyLineOf(report) === null ? [] : ['history.jsonl']),
    ...((report.settings['history'] ?? '') === '' ? [] : ['history.html']),
    ...report.diagnostics,
  ];
  const items = files.map((file) => ({ file }));
  return { ...listSection('evidence', 'Files next to this page', items), only: 'html' };
}
