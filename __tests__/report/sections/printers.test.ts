import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { printBlocks, printSection as asHtml } from '../../../src/report/html/blocks.ts';
import { printSection as asMarkdown } from '../../../src/report/markdown/blocks.ts';
import {
  type Block,
  figureColumn,
  graphicColumn,
  type Section,
  textColumn,
} from '../../../src/report/sections/section.ts';

const section = (blocks: readonly Block[], more: Partial<Section> = {}): Section => ({
  id: 'x',
  title: 'Title',
  blocks,
  ...more,
});
const markdown = (blocks: readonly Block[]): string => asMarkdown(section(blocks, { inMarkdown: 'bare' }), false);
const page = (blocks: readonly Block[]): string => printBlocks(blocks).text.trim();

const chart = (name: string) =>
  ({
    id: 'c',
    x: { unit: 'seconds', scale: 'linear' },
    y: { unit: 'ms', scale: 'linear' },
    shape: 'line',
    clock: false,
    xs: [0, 1],
    lines: [{ name, values: [1, null] }],
    marks: [],
  }) as const;
const diagram = (name: string) =>
  ({
    title: 'D',
    x: { title: 'seconds', from: 0, to: 2 },
    yTitle: 'ms',
    yScale: 'linear',
    lines: [{ name: { code: name }, values: [1, 2, 3, 4, 5] }],
    without: [],
  }) as const;

/** Each kind of block, with a text wherever one can stand. */
const EVERY_KIND: Readonly<Record<Block['kind'], (text: string) => Block>> = {
  paragraph: (text) => ({
    kind: 'paragraph',
    text: [text, { code: text }, { strong: text }, { mark: 'bad', text }],
    tone: 'doubt',
  }),
  list: (text) => ({ kind: 'list', items: [text, { code: text }, { file: text }] }),
  table: (text) => ({
    kind: 'table',
    caption: text,
    columns: [textColumn(text), figureColumn(text), graphicColumn(text)],
    rows: [[{ code: text }, { text, below: text }, { graphic: 'bar', from: 0, share: 1 }]],
  }),
  code: (text) => ({ kind: 'code', text, holds: 'command' }),
  link: (text) => ({ kind: 'link', title: text, url: `https://example.com/${text}` }),
  facts: (text) => ({ kind: 'facts', facts: [{ name: text, groups: [{ values: [text, text] }, { values: [text] }] }] }),
  tiles: (text) => ({ kind: 'tiles', tiles: [{ name: text, value: text, below: text }] }),
  figure: (text) => ({ kind: 'figure', title: text, note: text, chart: chart(text), diagram: diagram(text) }),
  pair: (text) => ({
    kind: 'pair',
    figures: [{ kind: 'figure', title: text, note: text, chart: chart(text), diagram: null }],
  }),
  'chart-data': (text) => ({
    kind: 'chart-data',
    caption: text,
    figures: [{ title: text, note: text, chart: chart(text) }],
  }),
  flame: (text) => ({
    kind: 'flame',
    title: text,
    flame: { names: [text], nodes: [{ depth: 0, name: 0, base: 1, head: 2 }] },
    unit: 'ms',
    shows: 'difference',
    names: { base: text, head: `${text}.` },
  }),
  folded: (text) => ({ kind: 'folded', summary: text, blocks: [{ kind: 'paragraph', text }] }),
};
const KINDS = Object.entries(EVERY_KIND).map(([kind, make]) => ({ kind, make }));

/** Never empty to the eye, as what is empty is left out. */
const hostile = fc
  .oneof(
    fc.string({ unit: 'binary' }),
    fc
      .array(
        fc.constantFrom(
          '<',
          '>',
          '&',
          '"',
          "'",
          '`',
          '```',
          '\n',
          '|',
          '\\',
          '<!--',
          '-->',
          '@all',
          '#1',
          '](',
          '</td>',
        ),
        { maxLength: 12 },
      )
      .map((parts) => parts.join('')),
  )
  .map((text) => `${text}x`);

describe.each(KINDS)('a block of the kind $kind', ({ kind, make }) => {
  test('is printed by both, with its text', () => {
    expect(page([make('words')])).toContain('words');
    // Markdown has no room for the values of charts and for flame graphs, and no diagram in this pair.
    if (!['chart-data', 'flame', 'pair'].includes(kind)) expect(markdown([make('words')])).toContain('words');
  });

  test('has the same elements of HTML whatever its text is', () => {
    // A long head may be broken behind its signs.
    const elements = (text: string): string[] =>
      page([make(text)])
        .replaceAll('<wbr/>', '')
        .match(/<\/?[a-z]+/g) ?? [];
    const expected = elements('words');
    fc.assert(
      fc.property(hostile, (text) => {
        expect(elements(text)).toEqual(expected);
        expect(page([make(text)]).replace(/<[^<>]*>/g, '')).not.toMatch(/[<>]/);
      }),
      { numRuns: 50 },
    );
  });

  test('has as many cells and no tag in Markdown whatever its text is', () => {
    const unfenced = (text: string): string => markdown([make(text)]).replace(/^(`{3,})\w*\n[\s\S]*?\n\1$/gm, '');
    const cells = (text: string): number[] =>
      unfenced(text)
        .split('\n')
        .filter((line) => line.startsWith('| '))
        .map((line) => line.split(/(?<!\\)\|/).length);
    const expected = cells('words');
    fc.assert(
      fc.property(hostile, (text) => {
        expect(cells(text)).toEqual(expected);
        const plain = unfenced(text).replace(/\\[^]|(`+)(?!`).*?(?<!`)\1(?!`)/g, '');
        expect(plain.replace(/<\/?(?:details|summary|sub|br)>/g, '')).not.toContain('<');
      }),
      { numRuns: 50 },
    );
  });
});

test('second lines make a row of their own in Markdown, and a small line in the page', () => {
  const table: Block = {
    kind: 'table',
    caption: 'Latency',
    columns: [textColumn('Host'), figureColumn('p50')],
    rows: [
      [
        { text: 'all', below: '95 % interval' },
        { text: '2 ms', below: '1 – 3 ms' },
      ],
    ],
  };
  expect(markdown([table]).split('\n').slice(2)).toEqual([
    '| all | 2\u00a0ms |',
    '| <sub>95\u00a0% interval</sub> | <sub>1 – 3\u00a0ms</sub> |',
  ]);
  expect(page([table])).toContain('<td class="figure">2\u00a0ms<small>1 – 3\u00a0ms</small></td>');
});

test('Markdown leaves out the columns of graphics', () => {
  const table: Block = {
    kind: 'table',
    caption: 'Time',
    columns: [textColumn('Stage'), graphicColumn('When'), figureColumn('Time')],
    rows: [['deploy', { graphic: 'bar', from: 0, share: 0.5 }, '3 s']],
  };
  expect(markdown([table])).toBe('| Stage | Time |\n| --- | --: |\n| deploy | 3\u00a0s |');
  expect(page([table])).toContain('<svg class="bar"');
});

test('a section of Markdown has its title, none, or opens on demand', () => {
  const blocks: Block[] = [{ kind: 'paragraph', text: 'Words.' }];
  expect(asMarkdown(section(blocks), false)).toBe('### Title\n\nWords.');
  expect(asMarkdown(section(blocks, { inMarkdown: 'bare' }), false)).toBe('Words.');
  expect(asMarkdown(section(blocks, { inMarkdown: 'folded' }), false)).toBe(
    '<details><summary>Title</summary>\n\nWords.\n\n</details>',
  );
  expect(asMarkdown(section(blocks, { inMarkdown: 'folded' }), true)).toMatch(/^<details open>/);
});

test('a section with charts says in the page what to read without JavaScript', () => {
  const figure = EVERY_KIND.figure('f');
  expect(asHtml(section([figure])).text).toContain('<noscript>');
  expect(asHtml(section([{ kind: 'paragraph', text: 'Words.' }])).text).not.toContain('<noscript>');
});

test.each(['javascript:alert(1)', 'no address'])('a link to %s is none', (url) => {
  const blocks: Block[] = [{ kind: 'link', title: 'Log', url }];
  expect(markdown(blocks)).toBe('');
  expect(page(blocks)).not.toContain('<a');
});
