import { tickText } from '../charts/units.ts';
import type { Graphic, Mark } from '../sections/section.ts';
import { html, type Markup, NOTHING } from './html-text.ts';

/** The CSS class of a verdict. */
export const MARK_CLASSES: Readonly<Record<Mark, string>> = { good: 'good', bad: 'bad', even: 'even', open: 'even' };

/** Graphics in cells; other cells of their row have the same content as text. */
export function printGraphic(graphic: Graphic): Markup {
  switch (graphic.graphic) {
    case 'bar':
      return bar(graphic);
    case 'interval':
      return interval(graphic);
    case 'none':
      return NOTHING;
  }
}

const bar = ({ from, share }: Extract<Graphic, { graphic: 'bar' }>): Markup =>
  html`<svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="1000" height="10"/><rect x="${Math.round(1000 * Math.max(0, from))}" width="${Math.max(3, Math.round(1000 * share))}" height="10"/></svg>`;

const SIZE = { width: 160, height: 18 } as const;

/** The axis of the intervals below: both ends and the middle. */
export function printScale(end: number): Markup {
  const [low, high] = [tickText('change', -end), tickText('change', end)];
  return html` <svg class="scale" viewBox="0 0 ${SIZE.width} 12" width="${SIZE.width}" height="12" role="img" aria-label="from ${low} to ${high}"><text x="0" y="10">${low}</text><text class="middle" x="${SIZE.width / 2}" y="10">0</text><text class="end" x="${SIZE.width}" y="10">${high}</text></svg>`;
}

function interval({ tolerance, widest, mark, ...change }: Extract<Graphic, { graphic: 'interval' }>): Markup {
  const x = (value: number): number =>
    Math.round((Math.min(1, Math.max(-1, value / widest)) + 1) * (SIZE.width / 2) * 10) / 10;
  const [low, high, middle] = [x(change.low), x(change.high), x(change.estimate)];
  return html`<svg class="interval ${MARK_CLASSES[mark]}" viewBox="0 0 ${SIZE.width} ${SIZE.height}" width="${SIZE.width}" height="${SIZE.height}" aria-hidden="true"><rect class="band" x="${x(-tolerance)}" width="${Math.round((x(tolerance) - x(-tolerance)) * 10) / 10}" height="${SIZE.height}"/><line class="zero" x1="${SIZE.width / 2}" x2="${SIZE.width / 2}" y1="0" y2="${SIZE.height}"/><line class="range" x1="${low}" x2="${Math.max(high, low + 1)}" y1="9" y2="9"/>${Math.abs(change.estimate) <= widest ? html`<circle cx="${middle}" cy="9" r="3.5"/>` : NOTHING}${change.low < -widest ? BEYOND_LEFT : NOTHING}${change.high > widest ? BEYOND_RIGHT : NOTHING}</svg>`;
}

/** Arrows where an interval continues beyond the scale. */
const BEYOND_LEFT = html`<path d="M0 9 L7 4.5 L7 13.5 Z"/>`;
const BEYOND_RIGHT = html`<path d="M${SIZE.width} 9 L${SIZE.width - 7} 4.5 L${SIZE.width - 7} 13.5 Z"/>`;
