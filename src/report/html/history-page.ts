import type { HistoryGroup, HistoryPoint, HistorySeries } from '../history/history-series.ts';
import { grouped } from '../../text/numbers.ts';
import { isUnit } from '../charts/chart.ts';
import { shownIn } from '../charts/units.ts';
import { html, link, Markup, NOTHING } from './html-text.ts';
import { onePage } from './one-page.ts';

/** The runs in a history, as one self-contained page without scripts. */
export function renderHistory(groups: readonly HistoryGroup[], unread: number): string {
  const body = html`<main>
<h1>Load test history</h1>
<p>Each point is a run with its interval. A dashed line is a change point: the runs before and after it differ by more than chance (E-divisive means, 5 %).</p>
${
  unread === 0
    ? NOTHING
    : html`<p class="doubt">${grouped(unread)} lines are not shown: they are not lines of a history, or come from a version that this page does not know.</p>
`
}${groups.length === 0 ? html`<p>There is no run yet.</p>` : groups.map(printGroup)}</main>`;
  return onePage('Load test history', body, null);
}

function printGroup({ load, runs, changes, figures }: HistoryGroup): Markup {
  const machines = new Set(figures.map(({ machine }) => machine)).size;
  const settings = Object.entries(load).filter(([, value]) => value !== '');
  return html`<section>
<h2>${grouped(runs)} runs of one load</h2>
<p class="note">${settings.map(([name, value], index) => `${index === 0 ? '' : ' · '}${name}: ${value.replaceAll('\n', ', ')}`)}</p>
${
  changes.length === 0
    ? NOTHING
    : html`<h3>Head against base</h3>
<p class="note">Ratios of two versions on one machine at one time: they may be put beside each other whatever machine a run was on.</p>
${changes.map(printSeries)}`
}<h3>Absolute figures</h3>
<p class="note">${machines > 1 ? `Of ${String(machines)} machines, each by itself: ` : ''}figures of different machines are never compared, and even one machine has good and bad days. They never affect a verdict.</p>
${figures.map(printSeries)}</section>
`;
}

const WIDTH = 900;
const HEIGHT = 150;
const LEFT = 76;
const MARGIN = 12;

function printSeries(series: HistorySeries): Markup {
  const { metric, unit, machine, points, changes } = series;
  const title = `${metric}${machine === null ? '' : ` on ${machine}`}`;
  // A later version may have written a unit that this one does not know.
  const format = (value: number): string =>
    isUnit(unit) ? shownIn(unit, value) : String(Number(value.toPrecision(4)));
  const ends = [
    ...points.flatMap(({ value, interval }) => [value, interval?.low ?? value, interval?.high ?? value]),
    ...(unit === 'change' ? [0] : []),
  ];
  // There may be more runs than a function call can have arguments.
  const [low, high] = [ends.reduce((a, b) => Math.min(a, b)), ends.reduce((a, b) => Math.max(a, b))];
  const x = (index: number): number => round(LEFT + ((WIDTH - LEFT - MARGIN) * (index + 0.5)) / points.length);
  const y = (value: number): number =>
    round(high === low ? HEIGHT / 2 : MARGIN + (HEIGHT - 2 * MARGIN) * (1 - (value - low) / (high - low)));
  return html`<figure class="history"><figcaption>${title}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" width="100%" role="img" aria-label="${title}: ${grouped(points.length)} runs, ${grouped(changes.length)} change points">
<text x="0" y="${y(high) + 4}">${format(high)}</text>${high === low ? NOTHING : html`<text x="0" y="${y(low) + 4}">${format(low)}</text>`}
${unit === 'change' ? html`<line class="zero" x1="${LEFT}" x2="${WIDTH}" y1="${y(0)}" y2="${y(0)}"/>` : NOTHING}
${changes.map(({ index }) => html`<line class="change-point" x1="${x(index - 0.5)}" x2="${x(index - 0.5)}" y1="0" y2="${HEIGHT}"/>`)}
${points.map((point, index) => printPoint(point, { x: x(index), y, format }))}
</svg></figure>
${
  changes.length === 0
    ? NOTHING
    : html`<ul>${changes.map(({ index, before, after, pValue }) => html`<li>From ${where(points[index])} on: ${format(before)} before, ${format(after)} after (p ${pValue.toFixed(3)})</li>`)}</ul>
`
}`;
}

const round = (value: number): number => Math.round(value * 10) / 10;

function printPoint(
  { line, value, interval, verdict }: HistoryPoint,
  at: { readonly x: number; readonly y: (value: number) => number; readonly format: (value: number) => string },
): Markup {
  const tone = verdict === 'slower' ? 'bad' : verdict === 'faster' ? 'good' : 'even';
  const ends = interval === null ? '' : ` (${at.format(interval.low)} to ${at.format(interval.high)})`;
  const bar =
    interval === null
      ? NOTHING
      : html`<line x1="${at.x}" x2="${at.x}" y1="${at.y(interval.low)}" y2="${at.y(interval.high)}"/>`;
  return html`<g class="${tone}"><title>${line.at.slice(0, 16).replace('T', ' ')} ${(line.commit ?? '').slice(0, 12)}: ${at.format(value)}${ends}${verdict === null ? '' : `, ${verdict}`}</title>${bar}<circle cx="${at.x}" cy="${at.y(value)}" r="3.5"/></g>
`;
}

function where(point: HistoryPoint | undefined): Markup {
  if (point === undefined) return NOTHING;
  const { at, commit, url } = point.line;
  return link(commit === null ? at.slice(0, 16).replace('T', ' ') : commit.slice(0, 12), url);
}
