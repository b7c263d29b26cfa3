import type { Report } from '../../model/report.ts';
import { unbroken } from '../../text/unbroken.ts';
import type { Section } from '../sections/section.ts';
import { printBlocks } from './blocks.ts';
import { html, link, type Markup, NOTHING } from './html-text.ts';

const VERDICTS = {
  passed: { word: 'Passed', sign: '✓' },
  failed: { word: 'Failed', sign: '✗' },
  cancelled: { word: 'Cancelled', sign: '–' },
  invalid: { word: 'No verdict', sign: '?' },
  undecided: { word: 'Not decided', sign: '?' },
} as const;

/** An inconclusive comparison has passed, but proves nothing. */
const toneOf = ({ outcome, comparison }: Report): keyof typeof VERDICTS =>
  outcome.result === 'passed' && comparison?.verdict === 'cannot-tell' ? 'undecided' : outcome.result;

/** The top of the page: how the run ended in a box, and the sections below it. */
export function printVerdict(report: Report, sections: readonly Section[]): Markup {
  const { outcome, run } = report;
  const tone = toneOf(report);
  const { word, sign } = VERDICTS[tone];
  const where = [
    run.repository,
    run.pullRequest === null ? null : `pull request ${String(run.pullRequest)}`,
    (run.headSha ?? run.sha)?.slice(0, 12),
  ].filter((text) => typeof text === 'string');
  const blocksOf = (place: 'verdict' | 'head'): Section['blocks'] =>
    sections.filter(({ inHtml }) => inHtml === place).flatMap(({ blocks }) => blocks);
  return html`<header class="verdict ${tone}">
<p class="result"><span class="badge"><span aria-hidden="true">${sign}</span> ${word}</span>${where.length === 0 ? NOTHING : html` <span class="note">${where.join(' · ')}</span>`}${run.url === null ? NOTHING : html` <span class="note">${link('log of the run', run.url)}</span>`}</p>
<h1>${unbroken(outcome.summary)}</h1>
${printBlocks(blocksOf('verdict'))}</header>
${printBlocks(blocksOf('head'))}`;
}
