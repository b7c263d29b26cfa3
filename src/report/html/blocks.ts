import type { Block, Cell, Mark, Section, Span, Table, Text } from '../sections/section.ts';
import { isGraphic, isParts, isTwoLines } from '../sections/section.ts';
import { unbroken } from '../../text/unbroken.ts';
import { chartTable, printFigure } from './figure.ts';
import { printFlame } from './flame.ts';
import { MARK_CLASSES, printGraphic, printScale } from './graphics.ts';
import { html, link, type Markup, NOTHING } from './html-text.ts';

/** Links to the sections of the page. */
export const printContents = (sections: readonly Section[]): Markup =>
  html`<nav class="contents" aria-label="Contents"><ul>${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
`;

/** A section under its title. */
export const printSection = ({ id, title, blocks }: Section): Markup =>
  html`<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${blocks.some(hasChart) ? NO_SCRIPT : NOTHING}${printBlocks(blocks)}
</section>
`;

const hasChart = ({ kind }: Block): boolean => kind === 'figure' || kind === 'pair';

const NO_SCRIPT = html`<noscript><p class="note">The charts need JavaScript; the tables below them have the same figures.</p></noscript>
`;

/** Several blocks in order. */
export const printBlocks = (blocks: readonly Block[]): Markup => html`${blocks.map(printBlock)}`;

function printBlock(block: Block): Markup {
  switch (block.kind) {
    case 'paragraph':
      return block.tone === undefined
        ? html`<p>${printText(block.text)}</p>
`
        : html`<p class="${block.tone}">${printText(block.text)}</p>
`;
    case 'list':
      return html`<ul${block.tone === 'note' ? EXPLANATIONS : NOTHING}>${block.items.map((item) => html`<li>${printText(item)}</li>`)}</ul>
`;
    case 'table':
      return printTable(block);
    case 'code':
      return html`<pre${block.holds === 'command' ? COMMAND : NOTHING}>${block.text}</pre>
`;
    case 'link':
      return html`<p class="note">${link(block.title, block.url)}</p>
`;
    case 'facts':
      return html`<dl class="versions">
${block.facts.map(printFact)}</dl>
`;
    case 'tiles':
      return html`<dl class="tiles">
${block.tiles.map(printTile)}</dl>
`;
    case 'figure':
      return block.chart === null ? NOTHING : printFigure({ ...block, chart: block.chart });
    case 'pair':
      return html`<div class="pair">
${block.figures.map(printBlock)}</div>
`;
    case 'flame':
      return printFlame(block);
    case 'chart-data':
      return html`<details><summary>${block.caption} as a table</summary>
${printTable(chartTable(block.caption, block.figures))}</details>
`;
    case 'folded':
      return block.open === 'html'
        ? printBlocks(block.blocks)
        : html`<details><summary>${block.summary}</summary>
${printBlocks(block.blocks)}</details>
`;
  }
}

const EXPLANATIONS = html` class="explanations"`;
const COMMAND = html` class="command"`;

function printFact({ name, groups }: Extract<Block, { kind: 'facts' }>['facts'][number]): Markup {
  const [first, ...others] = groups.filter(({ only }) => only !== 'markdown').flatMap(({ values }) => values);
  return html`<div><dt>${name}</dt><dd>${first === undefined ? NOTHING : html`<code>${first}</code>`}${others.map((value) => html` <small><code>${value}</code></small>`)}</dd></div>
`;
}

const printTile = ({ name, value, below }: Extract<Block, { kind: 'tiles' }>['tiles'][number]): Markup =>
  html`<div><dt>${name}</dt><dd>${unbroken(value)}${secondLine(below)}</dd></div>
`;

const secondLine = (text: string): Markup => (text === '' ? NOTHING : html`<small>${unbroken(text)}</small>`);

const printText = (text: Text): Markup => (isParts(text) ? html`${text.map(printSpan)}` : printSpan(text));

const SIGNS: Readonly<Record<Mark, string>> = { good: '✓', bad: '✗', even: '=', open: '?' };

function printSpan(span: string | Span): Markup {
  if (typeof span === 'string') return html`${unbroken(span)}`;
  if ('code' in span) return html`<code>${span.code}</code>`;
  if ('file' in span) return html`<a href="${addressOf(span.file)}"><code>${span.file}</code></a>`;
  if ('strong' in span) return html`<strong>${unbroken(span.strong)}</strong>`;
  return html`<span class="${MARK_CLASSES[span.mark]}">${SIGNS[span.mark]} ${unbroken(span.text)}</span>`;
}

/** Always a file next to the page: no name can begin with a scheme or lead out of the report's folder. */
function addressOf(file: string): string {
  // Half of a surrogate pair has no encoding; the buffer replaces it by U+FFFD.
  const parts = Buffer.from(file).toString().split('/');
  const inside = parts.filter((part) => part !== '' && part !== '.' && part !== '..');
  return `./${inside.map(encodeURIComponent).join('/')}`;
}

/** A table that scrolls sideways within the page where it is too wide. */
function printTable({ caption, columns, rows }: Table): Markup {
  const kindOf = (column: number): string => (columns[column]?.holds === 'text' ? 'text' : 'figure');
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table>
<caption>${caption}</caption>
<thead><tr>${columns.map(({ head, scale }, column) => html`<th scope="col" class="${kindOf(column)}">${printHead(head)}${scale === undefined ? NOTHING : printScale(scale)}</th>`)}</tr></thead>
<tbody>
${rows.map(
  (
    row,
  ) => html`<tr>${row.map((cell, column) => (column === 0 ? html`<th scope="row" class="text">${printCell(cell)}</th>` : html`<td class="${kindOf(column)}">${printCell(cell)}</td>`))}</tr>
`,
)}</tbody>
</table></div><p class="more" aria-hidden="true">Scroll sideways for more columns →</p>
`;
}

/** A longer heading is a name, which may break after its punctuation. */
const LONGEST_HEAD = 20;

const printHead = (head: string): Markup =>
  head.length <= LONGEST_HEAD
    ? html`${unbroken(head)}`
    : html`${head.split(/(?<=[/_:.…-])(?=\S)/).map((part, index) => (index === 0 ? html`${part}` : html`<wbr/>${part}`))}`;

function printCell(cell: Cell): Markup {
  if (isGraphic(cell)) return printGraphic(cell);
  return isTwoLines(cell) ? html`${printText(cell.text)}${secondLine(cell.below)}` : printText(cell);
}
