import { sideHeadings, sideNames } from '../../comparison/sides.ts';
import {
  changeText,
  comparisonDoubts,
  comparisonNotes,
  detectableText,
  figureText,
  headline,
  intervalText,
  metricName,
  p50Of,
  roundChange,
  toleranceText,
  verdictWord,
} from '../../comparison/words.ts';
import type {
  ComparedVersion,
  Comparison,
  ComparisonRound,
  MetricComparison,
  RoundFigures,
} from '../../model/comparison.ts';
import { percent } from '../../text/numbers.ts';
import { type Figure, figureMarkup, figuresTable, overlaidDistribution } from './html-charts.ts';
import { html, type Markup, NOTHING, table } from './html-text.ts';

const SIGNS = { slower: '✗', faster: '✓', 'no-difference': '=', 'cannot-tell': '?' } as const;
const CLASSES = { slower: 'bad', faster: 'good', 'no-difference': 'even', 'cannot-tell': 'even' } as const;

/** Charts of a comparison: what the versions did in each round, and how their latencies lie over each other. */
export function comparisonFigures(comparison: Comparison): Figure[] {
  const { rounds, latencyHistograms } = comparison;
  if (rounds.length < 2) return [];
  const xs = rounds.map(({ index }) => index + 1);
  const sides = sideNames(comparison);
  const over = {
    x: { unit: 'round', scale: 'linear' },
    shape: 'points',
    clock: false,
    xs,
    marks: confirmationMark(rounds),
  } as const;
  const each = (name: string, figure: (round: ComparisonRound) => number | null) => ({
    name,
    values: rounds.map(figure),
  });
  const change =
    (figure: (figures: RoundFigures) => number | null) =>
    ({ base, head }: ComparisonRound): number | null =>
      roundChange(figure(base), figure(head));
  return [
    ...(latencyHistograms === null ? [] : [overlaidDistribution(latencyHistograms, sides)]),
    {
      title: 'Change in each round',
      note: `${sides.head} to ${sides.base}; within ${toleranceText(comparison)} it counts as none`,
      chart: {
        ...over,
        id: 'round-changes',
        y: { unit: 'change', scale: 'linear' },
        lines: [
          each('p50', change(p50Of)),
          each(
            'throughput',
            change(({ requestsPerSecond }) => requestsPerSecond),
          ),
        ],
        levels: [0, comparison.tolerance, -comparison.tolerance],
      },
    },
    {
      title: 'Median latency in each round',
      note: '',
      chart: {
        ...over,
        id: 'round-latencies',
        y: { unit: 'ms', scale: 'linear' },
        lines: [each(sides.base, ({ base }) => p50Of(base)), each(sides.head, ({ head }) => p50Of(head))],
        levels: [],
      },
    },
  ];
}

/** Where the fresh rounds begin. */
function confirmationMark(rounds: readonly ComparisonRound[]): { readonly name: string; readonly at: number }[] {
  const first = rounds.find(({ confirmation }) => confirmation);
  return first === undefined ? [] : [{ name: 'fresh rounds', at: first.index + 0.5 }];
}

/** Head against base, before everything else that was measured; with the verdict, unless the heading of the page has said it. */
export function comparisonSection(comparison: Comparison, figures: readonly Figure[], heading: string): Markup {
  const { metrics, confidence } = comparison;
  const verdict = headline(comparison);
  const widest = scaleOf(comparison);
  const sides = sideHeadings(comparison);
  const title = `${sides.head} against ${sideNames(comparison).base}`;
  const head = [
    'Metric',
    sides.base,
    sides.head,
    'Change',
    `${percent(confidence)} interval`,
    '',
    'Seen from',
    'Verdict',
  ];
  const rows = metrics.map((metric) => [
    metricName(metric),
    figureText(metric, metric.base),
    figureText(metric, metric.head),
    changeText(metric),
    intervalText(metric),
    metric.scale === 'ratio' ? intervalBar(metric, comparison.tolerance, widest) : NOTHING,
    detectableText(metric),
    html`<span class="${CLASSES[metric.verdict]}">${SIGNS[metric.verdict]} ${verdictWord(metric)}</span>`,
  ]);
  return html`<section aria-labelledby="comparison">
<h2 id="comparison">${title}</h2>
${verdict === heading ? NOTHING : html`<p><strong>${verdict}</strong></p>`}
${comparisonDoubts(comparison).map((sentence) => html`<p class="doubt">${sentence}</p>`)}
${metrics.length === 0 ? NOTHING : table({ caption: `${title} by metric`, head, rows, textColumns: 1 })}
<dl class="versions">
${versionMarkup('Base', comparison.base)}
${versionMarkup('Head', comparison.head)}
</dl>
<ul class="explanations">${comparisonNotes(comparison).map((sentence) => html`<li>${sentence}</li>`)}</ul>
${
  figures.length === 0
    ? NOTHING
    : html`<div class="pair">
${figures.slice(0, SIDE_BY_SIDE).map(figureMarkup)}
</div>`
}
${figures.slice(SIDE_BY_SIDE).map(figureMarkup)}
${figures.map((figure) => figuresTable(figure.title, [figure]))}
</section>`;
}

/** Of the charts the first ones share a line. */
const SIDE_BY_SIDE = 2;

const versionMarkup = (name: string, { label, manifests, images, hosts }: ComparedVersion): Markup =>
  html`<div><dt>${name}</dt><dd><code>${label}</code>${[...manifests, ...images, ...hosts].map((text) => html` <small><code>${text}</code></small>`)}</dd></div>`;

const BAR = { width: 160, height: 18 } as const;

/** The end of the axis of all bars: beyond the widest interval, and beyond the band of what does not matter. */
function scaleOf({ metrics, tolerance }: Comparison): number {
  const ends = metrics.flatMap(({ scale, interval }) =>
    scale === 'ratio' && interval !== null ? [Math.abs(interval.low - 1), Math.abs(interval.high - 1)] : [],
  );
  // One wild metric must not make a line of all others.
  const sorted = [...ends].sort((a, b) => a - b);
  return Math.max(2 * tolerance, 1.1 * (sorted[Math.floor(0.8 * sorted.length)] ?? 0), 0.01);
}

/** The interval as a line over the band of changes that do not matter; the same figures stand beside it as text. */
function intervalBar({ interval, estimate, verdict }: MetricComparison, tolerance: number, widest: number): Markup {
  if (interval === null || estimate === null) return NOTHING;
  const x = (change: number): number =>
    Math.round((Math.min(1, Math.max(-1, change / widest)) + 1) * (BAR.width / 2) * 10) / 10;
  const [low, high, middle] = [x(interval.low - 1), x(interval.high - 1), x(estimate - 1)];
  return html`<svg class="interval ${CLASSES[verdict]}" viewBox="0 0 ${BAR.width} ${BAR.height}" width="${BAR.width}" height="${BAR.height}" aria-hidden="true"><rect class="band" x="${x(-tolerance)}" width="${Math.round((x(tolerance) - x(-tolerance)) * 10) / 10}" height="${BAR.height}"/><line class="zero" x1="${BAR.width / 2}" x2="${BAR.width / 2}" y1="0" y2="${BAR.height}"/><line class="range" x1="${low}" x2="${Math.max(high, low + 1)}" y1="9" y2="9"/><circle cx="${middle}" cy="9" r="3.5"/></svg>`;
}
