import type { Axis, Line } from './chart.ts';

/** A chart as Mermaid can draw it: lines without gaps over one axis, and names only in the legend below it. */
export interface Diagram {
  readonly title: string;
  readonly x: DiagramAxis;
  /** Our own words: they stand within the diagram. */
  readonly yTitle: string;
  /** As in the page: on a linear axis values of very different size would all but the highest lie on the ground. */
  readonly yScale: Axis['scale'];
  /** The names as code where they come from outside. */
  readonly lines: readonly DiagramLine[];
  /** The lines that are left out because they have a gap. */
  readonly without: readonly DiagramLine['name'][];
}

export interface DiagramLine {
  readonly name: string | { readonly code: string };
  readonly values: readonly number[];
}

/** Our own words and numbers only. */
export type DiagramAxis =
  | { readonly title: string; readonly from: number; readonly to: number }
  | { readonly title: string; readonly at: readonly number[] };

/** A line that may have gaps: null values. */
export interface GappyLine {
  readonly name: DiagramLine['name'];
  readonly values: Line['values'];
}
