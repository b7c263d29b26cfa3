import { pathToFileURL } from 'node:url';
import type { Report } from '../model/report.ts';
import { printReport } from '../report/terminal/print-report.ts';
import type { StyledLine, Tone } from '../text/styled.ts';

/**
 * The end of a run at a terminal: the tables, the path of the page, and last the verdict.
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
    // A failure is printed separately, as the one error of the run.
    ...(failure === null ? [[{ text: `✓ ${summary}`, tone: toneOf(report) }]] : []),
  ];
}

const toneOf = ({ comparison }: Report): Tone => (comparison?.verdict === 'cannot-tell' ? 'open' : 'good');
