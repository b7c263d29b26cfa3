import { createHash } from 'node:crypto';
import type { CapacityPair } from '../../model/comparison.ts';
import type { LoadResult } from '../../model/load.ts';
import type { Report } from '../../model/report.ts';
import { capacityText, type Search, searchesOf, versionHeading } from '../words/capacity-text.ts';
import { loadOfHead } from '../words/trust.ts';
import { SCRIPT, STYLE } from './html-assets.ts';
import { autoscalingSection, replicaFigures } from './html-autoscaling.ts';
import {
  capacityFigures,
  distributionFigures,
  type Figure,
  figureMarkup,
  figuresTable,
  loadFigures,
  resourceFigures,
} from './html-charts.ts';
import { comparisonFigures, comparisonSection } from './html-comparison.ts';
import {
  capacityPairs,
  capacitySteps,
  earlierRunSection,
  failedRequests,
  hostsSection,
  repeatSection,
  resourcesSection,
  runSection,
  stagesSection,
  thresholdsSection,
  verdictSection,
} from './html-sections.ts';
import { embeddedJson, html, Markup, NOTHING } from './html-text.ts';

/**
 * The report as one file of HTML that needs no other: charts, style and data are in it, and its
 * content security policy lets it load nothing and run only the script that it came with.
 */
export function renderHtml(report: Report): string {
  const { load, resources } = report;
  const clock =
    load === null ? [] : [...loadFigures(load), ...resourceFigures(resources?.timeline, load.durationSeconds)];
  const scaling = replicaFigures(report);
  const spread = load === null ? [] : distributionFigures(load);
  const { comparison } = report;
  const compared = comparison === undefined ? [] : comparisonFigures(comparison);
  const searched = searchesOf(report).map((search): DrawnSearch => ({
    ...search,
    figures: capacityFigures(search.capacity, search.version),
  }));
  const rates = searched.flatMap(({ figures }) => figures);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src ${digest(SCRIPT)}; style-src ${digest(STYLE)}; base-uri 'none'; form-action 'none'">
<title>${report.outcome.summary}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<main>
${verdictSection(report)}
${comparison === undefined ? NOTHING : comparisonSection(comparison, compared, report.outcome.summary)}
${thresholdsSection(report)}
${capacitySection(searched, comparison?.capacities?.pairs ?? [])}
${load === null ? NOTHING : html`${hostsSection(load, comparison === undefined ? undefined : loadOfHead(comparison))}${failedRequests(load)}`}
${autoscalingSection(report)}
${timelineSection(load, clock, scaling)}
${distributionSection(spread)}
${resourcesSection(report)}
${earlierRunSection(report)}
${repeatSection(report)}
${runSection(report)}
${stagesSection(report)}
</main>
<footer>${report.tool.name} ${report.tool.version}, ${report.endedAt}. The same figures are in <code>report.json</code>.</footer>
<div id="spoken" class="unseen" aria-live="polite"></div>
<script type="application/json" id="charts">${embeddedJson([...compared, ...rates, ...clock, ...scaling, ...spread].map(({ chart }) => chart))}</script>
<script>${new Markup(SCRIPT)}</script>
</body>
</html>
`;
  return page.text;
}

const digest = (text: string): Markup => new Markup(`'sha256-${createHash('sha256').update(text).digest('base64')}'`);

const NO_SCRIPT = html`<noscript><p class="note">The charts need JavaScript; the tables below them hold the same figures.</p></noscript>`;

interface DrawnSearch extends Search {
  readonly figures: readonly Figure[];
}

function capacitySection(searched: readonly DrawnSearch[], pairs: readonly CapacityPair[]): Markup {
  if (searched.length === 0) return NOTHING;
  return html`<section aria-labelledby="capacity">
<h2 id="capacity">Capacity</h2>
${searched.some(({ figures }) => figures.length > 0) ? NO_SCRIPT : NOTHING}
${searched.map(
  ({
    version,
    capacity,
    figures,
  }) => html`<p>${version === '' ? NOTHING : html`<strong>${versionHeading(version)}:</strong> `}${capacityText(capacity)}</p>
${figures.map(figureMarkup)}
${version === '' ? capacitySteps(capacity, version) : folded(`Steps of the search in ${version}`, capacitySteps(capacity, version))}`,
)}
${pairs.length === 0 ? NOTHING : folded('Fresh steps to confirm that head holds less', capacityPairs(pairs))}
</section>`;
}

/** Two searches are long. */
const folded = (summary: string, body: Markup): Markup => html`<details><summary>${summary}</summary>
${body}
</details>`;

function timelineSection(load: LoadResult | null, figures: readonly Figure[], scaling: readonly Figure[]): Markup {
  if (load === null || figures.length === 0) return NOTHING;
  const [seconds, steps] = [
    figures.filter(({ chart }) => chart.shape === 'line'),
    figures.filter(({ chart }) => chart.shape === 'steps'),
  ];
  return html`<section aria-labelledby="timeline">
<h2 id="timeline">Over time</h2>
<p class="note">Seconds since the measured window began, the same in every chart.${load.total.failed === 0 ? ' No request failed.' : ''}</p>
${NO_SCRIPT}
${figures.map(figureMarkup)}
${scaling.map(figureMarkup)}
${figuresTable('Load over time', seconds)}
${figuresTable('Resources over time', steps)}
${scaling.map((figure) => figuresTable(figure.title, [figure]))}
</section>`;
}

function distributionSection(figures: readonly Figure[]): Markup {
  if (figures.length === 0) return NOTHING;
  return html`<section aria-labelledby="spread">
<h2 id="spread">Latency in detail</h2>
<div class="pair">
${figures.map(figureMarkup)}
</div>
${figures.map((figure) => figuresTable(figure.title, [figure]))}
</section>`;
}
