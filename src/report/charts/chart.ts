/** A chart as it stands in the page, as JSON. */
export interface Chart {
  /** The `id` of its figure in the page. */
  readonly id: string;
  readonly x: Axis;
  readonly y: Axis;
  /** `points`: values of single events, which no line joins. */
  readonly shape: 'line' | 'steps' | 'points';
  /** Charts of one clock share their range and their cursor. */
  readonly clock: boolean;
  /** In ascending order; null values of the lines are gaps. */
  readonly xs: readonly number[];
  readonly lines: readonly Line[];
  /** Values of x with a name, drawn as vertical lines. */
  readonly marks: readonly Mark[];
  /** Values of y that are drawn as horizontal lines. */
  readonly levels?: readonly number[];
}

export interface Axis {
  readonly unit: Unit;
  readonly scale: 'linear' | 'log';
}

const UNITS = ['seconds', 'per second', 'ms', 'cores', 'pods', 'bytes', 'share', 'tail', 'change', 'round'] as const;

/**
 * `tail` is 1 / (1 - share): 10 stands for the 90th percentile, 100 for the 99th. `change` is a share with a
 * sign, and `round` counts from 1.
 */
export type Unit = (typeof UNITS)[number];

export const isUnit = (text: string): text is Unit => UNITS.includes(text as Unit);

export interface Line {
  readonly name: string;
  /** What the legend says of it; missing where the range of its values says it. */
  readonly says?: string;
  readonly values: readonly (number | null)[];
}

interface Mark {
  readonly name: string;
  readonly at: number;
}
