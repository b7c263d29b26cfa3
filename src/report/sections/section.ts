import type { Chart } from '../charts/chart.ts';
import type { Diagram } from '../charts/diagram.ts';
import type { Figure } from '../charts/figure.ts';
import type { Flame, ProfiledWorkload } from '../../model/profiles.ts';
import type { Side } from '../../model/sides.ts';

/** The output format of a report. */
export type Medium = 'markdown' | 'html';

/**
 * A part of the report under one heading, as data: its content, not its looks. Texts in it can come from anywhere; the
 * printers escape them.
 */
export interface Section {
  /** Its anchor in the page: lower case and hyphens. */
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly Block[];
  /** Missing when both print it. */
  readonly only?: Medium;
  /**
   * `bare`: without a title, because the verdict rests on it. `folded`: opens on demand, because it is context.
   * Missing: under its title.
   */
  readonly inMarkdown?: 'bare' | 'folded';
  /** Before all sections and without a title: in the verdict box, or below it. */
  readonly inHtml?: 'verdict' | 'head';
}

export type Block = (
  Paragraph | List | Table | Code | Link | Facts | Tiles | FigureBlock | Pair | ChartData | FlameGraph | Folded
) & {
  /** Missing when both print it. */
  readonly only?: Medium;
};

/** One line of text, either whole or in parts with different formatting. */
export type Text = string | Span | readonly (string | Span)[];

export type Span =
  | { readonly code: string }
  | { readonly strong: string }
  /** A file next to the page, by its path relative to the page. */
  | { readonly file: string }
  /** A verdict on the text next to it, with its sign. */
  | { readonly mark: Mark; readonly text: string };

/** `even`: neither better nor worse. `open`: can't be told. */
export type Mark = 'good' | 'bad' | 'even' | 'open';

interface Paragraph {
  readonly kind: 'paragraph';
  readonly text: Text;
  /** `doubt`: casts doubt on the figures. `note`: explains how to read them. */
  readonly tone?: 'note' | 'doubt';
}

interface List {
  readonly kind: 'list';
  readonly items: readonly Text[];
  readonly tone?: 'note';
}

/** Not printed when it has no rows. */
export interface Table {
  readonly kind: 'table';
  readonly caption: string;
  /** The first one names the rows. */
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}

export interface Column {
  readonly head: string;
  /** `graphic`: a drawing of other columns' content, which Markdown leaves out. */
  readonly holds: 'text' | 'figure' | 'graphic';
  /** For graphics on one axis: its end on both sides of 0, as a share. */
  readonly scale?: number;
}

export type Cell = Text | TwoLines | Graphic;

/** A cell with a second, smaller line. Markdown puts the second lines of a row into a row of their own. */
export interface TwoLines {
  readonly text: Text;
  readonly below: string;
}

export type Graphic =
  /** A bar, in shares of the whole. */
  | { readonly graphic: 'bar'; readonly from: number; readonly share: number }
  /** The interval of a change and its estimate, over the tolerance band; all are shares. */
  | {
      readonly graphic: 'interval';
      readonly low: number;
      readonly high: number;
      readonly estimate: number;
      readonly tolerance: number;
      /** The end of the axis, on both sides of 0. */
      readonly widest: number;
      readonly mark: Mark;
    }
  | { readonly graphic: 'none' };

/** Preformatted text with several lines. */
interface Code {
  readonly kind: 'code';
  readonly text: string;
  /** A command can be copied. */
  readonly holds: 'command' | 'text';
}

/** Not printed unless it is a web address. */
interface Link {
  readonly kind: 'link';
  readonly title: string;
  readonly url: string | null;
}

/** Names with their values, in groups. */
interface Facts {
  readonly kind: 'facts';
  readonly facts: readonly { readonly name: string; readonly groups: readonly FactGroup[] }[];
}

export interface FactGroup {
  /** Shown as code. */
  readonly values: readonly string[];
  readonly only?: Medium;
}

/** The main figures, in large type. */
interface Tiles {
  readonly kind: 'tiles';
  readonly tiles: readonly { readonly name: string; readonly value: string; readonly below: string }[];
}

/** A chart, with the data for each printer. */
export interface FigureBlock extends Omit<Figure, 'chart'> {
  readonly kind: 'figure';
  /** Null when the page does not draw it. */
  readonly chart: Chart | null;
  /** Null when Markdown does not draw it. */
  readonly diagram: Diagram | null;
}

/** Two charts side by side if there is room. */
interface Pair {
  readonly kind: 'pair';
  readonly figures: readonly FigureBlock[];
}

/** The values of charts in the page that share their x, as a table that opens on demand; too long for Markdown. */
interface ChartData {
  readonly kind: 'chart-data';
  readonly caption: string;
  readonly figures: readonly Figure[];
}

/** A flame graph: stacks as wide as their share of the time; too large for Markdown. */
export interface FlameGraph {
  readonly kind: 'flame';
  readonly title: string;
  readonly flame: Flame;
  readonly unit: ProfiledWorkload['unit'];
  /** Which version's time; `difference`: head's, coloured by its difference to base. */
  readonly shows: Side | 'difference';
  /** The names of the versions. */
  readonly names: Readonly<Record<Side, string>>;
}

/** Blocks that open on demand. */
interface Folded {
  readonly kind: 'folded';
  readonly summary: string;
  readonly blocks: readonly Block[];
  /** Open by default when there is enough room. */
  readonly open?: Medium;
}

export const textColumn = (head: string): Column => ({ head, holds: 'text' });
export const figureColumn = (head: string): Column => ({ head, holds: 'figure' });
export const graphicColumn = (head: string): Column => ({ head, holds: 'graphic' });

export const paragraph = (text: Text, tone?: 'note' | 'doubt'): Block => ({
  kind: 'paragraph',
  text,
  ...(tone === undefined ? {} : { tone }),
});

/** Notes, if there are any. */
export const notes = (sentences: readonly string[]): Block[] =>
  sentences.length === 0 ? [] : [{ kind: 'list', items: sentences, tone: 'note' }];

export const listSection = (id: string, title: string, items: readonly Text[]): Section => ({
  id,
  title,
  blocks: items.length === 0 ? [] : [{ kind: 'list', items }],
});

export const isParts = (text: Text): text is readonly (string | Span)[] => Array.isArray(text);

export const isGraphic = (cell: Cell): cell is Graphic => typeof cell === 'object' && 'graphic' in cell;

export const isTwoLines = (cell: Cell): cell is TwoLines => typeof cell === 'object' && 'below' in cell;
