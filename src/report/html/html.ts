/**
 * html/ prints sections and charts as one self-contained page, and escapes text from elsewhere; page/ is what runs in
 * the browser. sections/ has the content of the report.
 */
import type { Report } from '../../model/report.ts';
import type { Chart } from '../charts/chart.ts';
import type { Block } from '../sections/section.ts';
import { sectionsOf } from '../sections/sections.ts';
import { printContents, printSection } from './blocks.ts';
import { SCRIPT } from './html-assets.ts';
import { embeddedJson, html, Markup } from './html-text.ts';
import { onePage } from './one-page.ts';
import { printVerdict } from './verdict.ts';

/**
 * The report as one self-contained HTML file. It includes charts, style and data, and its content security policy lets
 * it load nothing and run only its own script.
 */
export function renderHtml(report: Report): string {
  const sections = sectionsOf(report, 'html');
  const titled = sections.filter(({ inHtml }) => inHtml === undefined);
  const body = html`<main>
${printVerdict(report, sections)}
${printContents(titled)}${titled.map(printSection)}</main>
<footer>${report.tool.name} ${report.tool.version}, ${report.endedAt}. The same figures are in <code>report.json</code>.</footer>
<div id="spoken" class="unseen" aria-live="polite"></div>
<script type="application/json" id="charts">${embeddedJson(sections.flatMap(({ blocks }) => blocks.flatMap(chartsIn)))}</script>
<script>${new Markup(SCRIPT)}</script>`;
  return onePage(report.outcome.summary, body, SCRIPT);
}

/** The charts of a block, in their order in the page. */
function chartsIn(block: Block): Chart[] {
  if (block.kind === 'figure') return block.chart === null ? [] : [block.chart];
  if (block.kind === 'pair') return block.figures.flatMap(chartsIn);
  return block.kind === 'folded' ? block.blocks.flatMap(chartsIn) : [];
}
