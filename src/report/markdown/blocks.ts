import type { Diagram } from '../charts/diagram.ts';
import { isDiagramSentence } from '../charts/diagrams.ts';
import type { Block, Cell, Mark, Section, Span, Table, Text } from '../sections/section.ts';
import { isGraphic, isParts, isTwoLines } from '../sections/section.ts';
import { unbroken } from '../../text/unbroken.ts';
import { code, fence, inline } from './markdown-text.ts';
import { mermaid, mermaidSentence } from './mermaid.ts';

/**
 * A section as Markdown. No text from outside can become markup.
 *
 * @param open whether a folded section is open.
 */
export function printSection({ title, blocks, inMarkdown }: Section, open: boolean): string {
  const body = printBlocks(blocks);
  if (inMarkdown === 'bare') return body;
  return inMarkdown === 'folded' ? details(title, body, open) : `### ${inline(title)}\n\n${body}`;
}

const printBlocks = (blocks: readonly Block[]): string => blocks.flatMap(printBlock).join('\n\n');

/** The paragraphs of a block, if any. */
function printBlock(block: Block): string[] {
  switch (block.kind) {
    case 'paragraph':
      return [printParagraph(block)];
    case 'list':
      return block.tone === 'note'
        ? block.items.map((item) => small(printText(item)))
        : [block.items.map((item) => `- ${printText(item)}`).join('\n')];
    case 'table':
      return [printTable(block)];
    case 'code':
      return [fence(block.text, block.holds === 'command' ? 'sh' : 'text')];
    case 'link':
      return printLink(block.title, block.url);
    case 'facts':
      return [block.facts.map(printFact).join('<br>')];
    case 'tiles':
      return [
        block.tiles
          .map(
            ({ name, value, below }) => `**${inline(name)}:** ${words(below === '' ? value : `${value} (${below})`)}`,
          )
          .join(' · '),
      ];
    case 'figure':
      return block.diagram === null ? [] : [printDiagram(block.diagram)];
    case 'pair':
      return block.figures.flatMap(printBlock);
    case 'flame':
    case 'chart-data':
      return [];
    case 'folded': {
      const body = printBlocks(block.blocks);
      return [block.open === 'markdown' ? body : details(block.summary, body, false)];
    }
  }
}

const printDiagram = (diagram: Diagram): string =>
  isDiagramSentence(diagram) ? mermaidSentence(diagram) : mermaid(diagram);

function printParagraph({ text, tone }: Extract<Block, { kind: 'paragraph' }>): string {
  const shown = printText(text);
  return tone === 'doubt' ? `⚠️ ${shown}` : tone === 'note' ? small(shown) : shown;
}

const small = (shown: string): string => (shown === '' ? '' : `<sub>${shown}</sub>`);

const printText = (text: Text): string => (isParts(text) ? text.map(printSpan).join('') : printSpan(text));

const SIGNS: Readonly<Record<Mark, string>> = { good: '✅', bad: '❌', even: '➖', open: '❔' };

/** Text that keeps numbers and their units on one line. */
export const words = (text: string): string => unbroken(inline(text));

function printSpan(span: string | Span): string {
  if (typeof span === 'string') return words(span);
  if ('code' in span) return code(span.code);
  // A comment has no files next to it.
  if ('file' in span) return code(span.file);
  return 'strong' in span ? `**${words(span.strong)}**` : `${SIGNS[span.mark]} ${words(span.text)}`;
}

function printTable({ columns, rows }: Table): string {
  const shown = columns.flatMap(({ holds }, index) => (holds === 'graphic' ? [] : [index]));
  const of = <T>(all: readonly T[]): T[] => shown.flatMap((index) => all.slice(index, index + 1));
  return [
    of(columns).map(({ head }) => inline(head)),
    of(columns).map(({ holds }) => (holds === 'text' ? '---' : '--:')),
    ...rows.flatMap((row) => printRow(of(row))),
  ]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
}

/** A row, followed by one with the second lines of its cells, if any. */
function printRow(cells: readonly Cell[]): string[][] {
  const below = cells.map((cell) => (isTwoLines(cell) ? small(words(cell.below)) : ''));
  const row = cells.map((cell) => (isTwoLines(cell) ? printText(cell.text) : isGraphic(cell) ? '' : printText(cell)));
  return below.some((text) => text !== '') ? [row, below] : [row];
}

/** The page has the others of the same kind. */
const MOST_VALUES = 3;

function printFact({ name, groups }: Extract<Block, { kind: 'facts' }>['facts'][number]): string {
  const shown = groups
    .filter(({ values, only }) => values.length > 0 && only !== 'html')
    .map(({ values }) => {
      const more = values.length > MOST_VALUES ? ` and ${String(values.length - MOST_VALUES)} more` : '';
      return `${values.slice(0, MOST_VALUES).map(code).join(', ')}${more}`;
    });
  return `**${inline(name)}:** ${shown.join(' · ')}`;
}

/** Only an address that can't end the link early. */
export const printLink = (title: string, url: string | null): string[] =>
  url !== null && /^https?:\/\/[^\s()<>[\]\\]+$/.test(url) ? [`[${inline(title)}](${url})`] : [];

const details = (title: string, body: string, open: boolean): string =>
  `<details${open ? ' open' : ''}><summary>${inline(title)}</summary>\n\n${body}\n\n</details>`;
