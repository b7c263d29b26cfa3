/**
 * charts/ says what is drawn, as data: which charts a run has, with their lines, axes and marks. Printers draw them:
 * html/page/client.ts a `Chart`, markdown/mermaid.ts a `Diagram`. sections/ decides where a chart appears.
 */
import type { Axis, Chart, Line, Unit } from './chart.ts';

/** A chart of the page with its caption. */
export interface Figure {
  readonly title: string;
  readonly note: string;
  readonly chart: Chart;
}

export const linear = (unit: Unit): Axis => ({ unit, scale: 'linear' });
export const logarithmic = (unit: Unit): Axis => ({ unit, scale: 'log' });

/** Above this ratio of the highest to the lowest value, a linear axis hides the low ones. */
const WIDE_RANGE = 30;

/** Whether the values of some lines need a logarithmic axis. */
export function isWide(lines: readonly Pick<Line, 'values'>[]): boolean {
  const positive = lines.flatMap(({ values }) => values).filter((value) => value !== null && value > 0);
  return positive.length > 0 && Math.max(...positive.map(Number)) / Math.min(...positive.map(Number)) > WIDE_RANGE;
}
