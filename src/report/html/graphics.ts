import type { Graphic, Mark } from '../sections/section.ts';
import { html, type Markup, NOTHING } from './html-text.ts';

/** Class of the style sheet for a verdict. */
export const MARK_CLASSES: Readonly<Record<Mark, string>> = { good: 'good', bad: 'bad', even: 'even', open: 'even' };

/** Drawings in cells; other cells of their row say the same as text. */
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

function interval({ tolerance, widest, mark, ...change }: Extract<Graphic, { graphic: 'interval' }>): Markup {
  const x = (value: number): number =>
    Math.round((Math.min(1, Math.max(-1, value / widest)) + 1) * (SIZE.width / 2) * 10) / 10;
  const [low, high, middle] = [x(change.low), x(change.high), x(change.estimate)];
  return html`<svg class="interval ${MARK_CLASSES[mark]}" viewBox="0 0 ${SIZE.width} ${SIZE.height}" width="${SIZE.width}" height="${SIZE.height}" aria-hidden="true"><rect class="band" x="${x(-tolerance)}" width="${Math.round((x(tolerance) - x(-tolerance)) * 10) / 10}" height="${SIZE.height}"/><line class="zero" x1="${SIZE.width / 2}" x2="${SIZE.width / 2}" y1="0" y2="${SIZE.height}"/><line class="range" x1="${low}" x2="${Math.max(high, low + 1)}" y1="9" y2="9"/><circle cx="${middle}" cy="9" r="3.5"/></svg>`;
}
