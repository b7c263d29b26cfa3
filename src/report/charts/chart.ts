/** A chart in the page, as JSON. */
export interface Chart {
  /** The `id` of its figure in the page. */
  readonly id: string;
  readonly x: Axis;
  readonly y: Axis;
  /** `points`: single events, not joined by a line. */
  readonly shape: 'line' | 'steps' | 'points';
  /** Charts with the same clock share their range and cursor. */
  readonly clock: boolean;
  /** Ascending; null values of the lines are gaps. */
  readonly xs: readonly number[];
  readonly lines: readonly Line[];
  /** Named values of x, drawn as vertical lines. */
  readonly marks: readonly Mark[];
  /** Values of y, drawn as horizontal lines. */
  readonly levels?: readonly number[];
}

export interface Axis {
  readonly unit: Unit;
  readonly scale: 'linear' | 'log';
}

const UNITS = ['seconds', 'per second', 'ms', 'cores', 'pods', 'bytes', 'share', 'tail', 'change', 'round'] as const;

/**
 * `tail` is 1 / (1 - share): 10 is the 90th percentile, 100 the 99th. `change` is a share with a sign, and `round`
 * counts from 1.
 */
export type Unit = (typeof UNITS)[number];

export const isUnit = (text: string): text is Unit => UNITS.includes(text as Unit);

export interface Line {
  readonly name: string;
  /** Text for the legend; without it, the range of the values. */
  readonly says?: string;
  readonly values: readonly (number | null)[];
}

interface Mark {
  readonly name: string;
  readonly at: number;
}
