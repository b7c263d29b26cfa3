import { pathToFileURL } from 'node:url';
import type { Report } from '../model/report.ts';
import { printReport } from '../report/terminal/print-report.ts';
import type { StyledLine, Tone } from '../text/styled.ts';

/**
 * What stands at the end of a run at a terminal: the tables, where the page is, and the verdict last.
 *
 * @param page the path of report.html.
 * @param width in columns.
 */
export function endOfRun(report: Report, page: string, width: number): StyledLine[] {
  const { summary, failure } = report.outcome;
  return [
    ...printReport(report, width),
    [],
    [{ text: 'Report: ' }, { text: page, link: pathToFileURL(page).href }],
    // What failed is the one error of the run, which is told by itself.
    ...(failure === null ? [[{ text: `✓ ${summary}`, tone: toneOf(report) }]] : []),
  ];
}

const toneOf = ({ comparison }: Report): Tone => (comparison?.verdict === 'cannot-tell' ? 'open' : 'good');
