/**
 * terminal/ prints the sections of a report for a terminal, and the progress of a run. Colours and cursor movement are
 * in adapters/terminal/.
 */
import type { Report } from '../../model/report.ts';
import { cutTo, type Styled, type StyledLine, type Tone, widthOf } from '../../text/styled.ts';
import { wrapWords } from '../../text/wrapped.ts';
import type { Block, Cell, Column, Mark, Span, Table, Text } from '../sections/section.ts';
import { isGraphic, isParts, isTwoLines } from '../sections/section.ts';
import { sectionsOf } from '../sections/sections.ts';

/** What a terminal shows at the end of a run: the answer, not everything in the page. */
const SHOWN: ReadonlySet<string> = new Set([
  'comparison',
  'doubts',
  'hosts',
  'answers',
  'capacity',
  'witness',
  'thresholds',
]);

/**
 * The tables of a report as lines of text: comparison, rules, capacity and hosts.
 *
 * @param width in columns. A table that is too wide loses its last, least important columns, and says so.
 */
export function printReport(report: Report, width: number): StyledLine[] {
  const sections = sectionsOf(report, 'markdown').filter(({ id }) => SHOWN.has(id));
  return sections.flatMap(({ title, blocks }) => {
    const printed = blocks
      .map((block) => ({ kind: block.kind, lines: printBlock(block, width) }))
      .filter((block) => block.lines.length > 0);
    // An empty line before a table.
    const lines = printed.flatMap(({ kind, lines: own }, index) =>
      index > 0 && (kind === 'table' || own.length > 2) ? [[], ...own] : own,
    );
    return lines.length === 0 ? [] : [[], [{ text: title, tone: 'strong' as const }], ...lines];
  });
}

function printBlock(block: Block, width: number): StyledLine[] {
  switch (block.kind) {
    case 'table':
      return printTable(block, width);
    case 'paragraph':
      return block.tone === 'note'
        ? []
        : wrapWords(plain(block.text), width - 2).map((text, index) => [
            block.tone === 'doubt'
              ? { text: `${index === 0 ? '!' : ' '} ${text}`, tone: 'open' }
              : { text: `  ${text}` },
          ]);
    case 'list':
      return block.tone === 'note'
        ? []
        : block.items.flatMap((item) =>
            wrapWords(`- ${plain(item)}`, width - 2).map((text) => [{ text: `  ${text}` }]),
          );
    case 'folded':
      return block.open === 'markdown'
        ? block.blocks.flatMap((inner) => printBlock(inner, width))
        : wrapWords(block.summary, width - 2).map((text) => [{ text: `  ${text}`, tone: 'dim' }]);
    default:
      return [];
  }
}

const GAP = 2;

function printTable({ columns, rows }: Table, width: number): StyledLine[] {
  if (rows.length === 0) return [];
  const shown = columns.flatMap(({ holds }, index) => (holds === 'graphic' ? [] : [index]));
  const table = [
    shown.map((index): Styled => ({ text: columns[index]?.head ?? '', tone: 'dim' })),
    ...rows.map((row) => shown.map((index) => styledCell(row[index] ?? ''))),
  ];
  const widths = shown.map((_, column) => Math.max(...table.map((row) => widthOf([row[column] ?? { text: '' }]))));
  const count = columnsThatFit(widths, width);
  const lines = table.map((row) =>
    row.slice(0, count).flatMap((cell, column) => padded(cell, widths[column] ?? 0, columns[shown[column] ?? 0])),
  );
  const left = shown.length - count;
  return [
    ...lines.map((line) => cutTo(line, width)),
    ...(left > 0
      ? [[{ text: `  ${String(left)} more column${left === 1 ? '' : 's'} in report.html`, tone: 'dim' as const }]]
      : []),
  ];
}

function columnsThatFit(widths: readonly number[], width: number): number {
  let used = 0;
  const beyond = widths.findIndex((each) => (used += each + GAP) > width);
  return beyond < 0 ? widths.length : Math.max(2, beyond);
}

function padded(cell: Styled, width: number, column: Column | undefined): Styled[] {
  const space = ' '.repeat(Math.max(0, width - widthOf([cell])));
  const gap = { text: ' '.repeat(GAP) };
  return column?.holds === 'figure' ? [gap, { text: space }, cell] : [gap, cell, { text: space }];
}

function styledCell(cell: Cell): Styled {
  const text = isTwoLines(cell) ? cell.text : isGraphic(cell) ? '' : cell;
  const parts = isParts(text) ? text : [text];
  const marked = parts.find(
    (part): part is Extract<Span, { mark: Mark }> => typeof part === 'object' && 'mark' in part,
  );
  const strong = parts.some((part) => typeof part === 'object' && 'strong' in part);
  const tone: Tone | undefined = marked === undefined ? (strong ? 'strong' : undefined) : TONES[marked.mark];
  return { text: plain(text), ...(tone === undefined ? {} : { tone }) };
}

const TONES: Readonly<Record<Mark, Tone>> = { good: 'good', bad: 'bad', even: 'dim', open: 'open' };
const SIGNS: Readonly<Record<Mark, string>> = { good: '✓', bad: '✗', even: '=', open: '?' };

const plain = (text: Text): string => (isParts(text) ? text.map(plainSpan).join('') : plainSpan(text));

function plainSpan(span: string | Span): string {
  if (typeof span === 'string') return span;
  if ('code' in span) return span.code;
  if ('file' in span) return span.file;
  return 'strong' in span ? span.strong : `${SIGNS[span.mark]} ${span.text}`;
}
