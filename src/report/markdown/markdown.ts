/**
 * markdown/ prints sections and charts for the comment, the job summary and report.md, and escapes text from elsewhere.
 * sections/ has the content of the report.
 */
import type { Report } from '../../model/report.ts';
import type { RunIdentity } from '../../model/run.ts';
import { CHARTS } from '../sections/charts.ts';
import { sectionsOf } from '../sections/sections.ts';
import { printLink, printSection, words } from './blocks.ts';
import { code } from './markdown-text.ts';

const ICONS = { passed: '✅', failed: '❌', cancelled: '⚠️', invalid: '⚠️' } as const;

/**
 * The report as Markdown, in sections by importance, so that shortening drops the last ones. No text from outside can
 * become markup, a mention or a hidden comment.
 *
 * @param charts whether they are open, as in a job summary, or folded.
 */
export const renderReport = (report: Report, charts: 'open' | 'folded' = 'folded'): string[] => [
  `## ${iconOf(report)} ${words(report.outcome.summary)}`,
  ...sectionsOf(report, 'markdown').map((section) => printSection(section, section.id === CHARTS && charts === 'open')),
];

/** An inconclusive comparison has passed, but proves nothing. */
const iconOf = ({ outcome, comparison }: Report): string =>
  outcome.result === 'passed' && comparison?.verdict === 'cannot-tell' ? '❔' : ICONS[outcome.result];

/** The comment while a run is in progress. */
export const renderRunning = ({ sha, headSha, url }: RunIdentity): string => {
  const commit = headSha ?? sha;
  return [
    `## ⏳ Load test is running${commit === null ? '' : ` for ${code(commit.slice(0, 12))}`}`,
    ...printLink('Log of the run', url),
  ].join('\n\n');
};
