/**
 * markdown/ prints sections and charts for the comment, the summary and report.md, and escapes what came from
 * elsewhere. What the report says is in sections/.
 */
import type { Report } from '../../model/report.ts';
import type { RunIdentity } from '../../model/run.ts';
import { CHARTS } from '../sections/charts.ts';
import { sectionsOf } from '../sections/sections.ts';
import { printLink, printSection, words } from './blocks.ts';
import { code } from './markdown-text.ts';

const ICONS = { passed: '✅', failed: '❌', cancelled: '⚠️', invalid: '⚠️' } as const;

/**
 * The report as Markdown, in sections by importance: whoever has to shorten it leaves out the last
 * ones. Nothing that came from outside can become markup, a mention or a hidden comment in it.
 *
 * @param charts whether they are seen at once, as in a summary of their own page, or on demand.
 */
export const renderReport = (report: Report, charts: 'open' | 'folded' = 'folded'): string[] => [
  `## ${iconOf(report)} ${words(report.outcome.summary)}`,
  ...sectionsOf(report, 'markdown').map((section) => printSection(section, section.id === CHARTS && charts === 'open')),
];

/** A comparison that could not tell has passed, but is no proof of anything. */
const iconOf = ({ outcome, comparison }: Report): string =>
  outcome.result === 'passed' && comparison?.verdict === 'cannot-tell' ? '❔' : ICONS[outcome.result];

/** What stands in the comment while a run is on its way. */
export const renderRunning = ({ sha, headSha, url }: RunIdentity): string => {
  const commit = headSha ?? sha;
  return [
    `## ⏳ Load test is running${commit === null ? '' : ` for ${code(commit.slice(0, 12))}`}`,
    ...printLink('Log of the run', url),
  ].join('\n\n');
};
