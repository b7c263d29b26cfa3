import type { Axis, Line } from './chart.ts';

/** A chart that Mermaid can draw: lines without gaps over one axis, with names only in the legend below it. */
export interface Diagram {
  readonly title: string;
  readonly x: DiagramAxis;
  /** Our own words: they appear inside the diagram. */
  readonly yTitle: string;
  /** As in the page: a linear axis would flatten all but the highest of very different values. */
  readonly yScale: Axis['scale'];
  /** Names from outside appear as code. */
  readonly lines: readonly DiagramLine[];
  /** The lines that are left out because they have a gap. */
  readonly without: readonly DiagramLine['name'][];
}

export interface DiagramLine {
  readonly name: string | { readonly code: string };
  readonly values: readonly number[];
}

/** Only our own words and numbers. */
export type DiagramAxis =
  | { readonly title: string; readonly from: number; readonly to: number }
  | { readonly title: string; readonly at: readonly number[] };

/** A line that may have gaps: null values. */
export interface GappyLine {
  readonly name: DiagramLine['name'];
  readonly values: Line['values'];
}
