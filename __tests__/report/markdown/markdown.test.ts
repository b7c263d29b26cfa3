import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { buildReport } from '../../../src/report/build-report.ts';
import { code, fence, inline } from '../../../src/report/markdown/markdown-text.ts';
import type { PipelineState } from '../../../src/state.ts';
import { renderReport } from '../../fakes/plain-renderings.ts';
import { ENDINGS, HOSTILE, state } from '../../fakes/state.ts';
import { expectGolden } from '../../golden/golden.ts';
import { measuredLoad } from '../measured-load.ts';

const sections = (given: PipelineState): string[] => renderReport(buildReport(given, '2026-11-23T10:05:00.000Z'));
const render = (given: PipelineState): string => `${sections(given).join('\n\n')}\n`;

describe('the whole report', () => {
  test.each(Object.entries(ENDINGS))('of a run that ended as "%s"', (name, ending) => {
    expectGolden(`report-${name}.md`, render(ending));
  });

  test('of a run full of hostile texts', () => {
    expectGolden('report-hostile.md', render(HOSTILE));
  });

  test('has its sections in the order of their importance', () => {
    const headings = sections(ENDINGS.passed).map((section) =>
      /^(?:#+ |<details><summary>)?([^\n|<]*)/.exec(section)?.[1]?.trim(),
    );
    expect(headings).toEqual([
      '✅ Load test passed: 200 requests, 100 % succeeded, p95 6.00 ms',
      '',
      '',
      'Every answer had status 200.',
      'Resources during the load',
      'Resources of the nodes',
      'Warnings',
      'Repeat it on your machine',
      'What was run',
      'Time per stage',
    ]);
  });

  test('says nothing of a load that was not sent', () => {
    expect(render(ENDINGS['failed-before-the-cluster'])).not.toMatch(/p95|Resources/);
  });

  test('marks percentiles that rest on few answers', () => {
    expect(render(ENDINGS.passed)).toContain(
      '| **all** | 100 % | 2.00 ms | 6.00 ms | ≈ 10.0 ms | 100 /s | 200 | 2.20 ms | 4.00 ms | 20.0 ms |',
    );
    expect(render(ENDINGS.passed)).toContain('A figure with ≈ has fewer than 10 answers above it');
    expect(render(state({ load: measuredLoad({ hosts: [] }) }))).not.toContain('≈');
  });

  test('gives the interval of each figure', () => {
    const row = /^\| <sub>95 % interval.*$/m
      .exec(render(state({ load: measuredLoad() })))?.[0]
      .replace(/<\/?sub>/g, '');
    expect(row).toBe(
      '| 95 % interval |  | 1.91 – 2.05 ms | 5.80 – 6.30 ms | 9.10 – 12.4 ms | 98.1 – 103 /s |  |  | 3.90 – 4.20 ms |  |',
    );
  });

  test('says first what speaks against the figures, once', () => {
    const { generator } = measuredLoad();
    const limited = state({
      load: measuredLoad({
        generator: generator === null ? null : { ...generator, limited: true, reason: 'It had no pause.' },
      }),
    });
    expect(sections(limited)[1]).toBe(
      '⚠️ The load generator was the bottleneck, not the system under test. It had no pause.',
    );
    expect(render(limited)).not.toContain('The generator was not the limit');
    const judged = {
      ...limited,
      failure: { code: 'generator-saturated', stage: null, message: 'It had no pause.', hint: null, tryThis: null },
    } as const;
    expect(render(judged)).not.toContain('The load generator was the bottleneck');
  });

  test('says that the generator was not the limit', () => {
    expect(render(state({ load: measuredLoad() }))).toContain(
      'it used 23 % of a core, and its event loop was busy for 15 % of the time.',
    );
  });

  test('has its charts on demand, or open', () => {
    const report = buildReport(state({ load: measuredLoad() }), '2026-11-23T10:05:00.000Z');
    expect(renderReport(report).join('\n')).toContain('<details><summary>Charts</summary>');
    expect(renderReport(report, 'open').join('\n')).toContain('<details open><summary>Charts</summary>');
  });

  test('says what a closed model means', () => {
    expect(render(ENDINGS.passed)).toContain('a slow server gets fewer requests');
  });
});

/** As GitHub reads a table row: cells are split at each | that no backslash precedes. */
const cellsOf = (row: string): string[] => row.split(/(?<!\\)\|/).slice(1, -1);

test('no text from outside ends a cell, a code block or the report', () => {
  const text = render(HOSTILE);
  const lines = text.split('\n');
  const outside: string[] = [];
  let fenced: string | null = null;
  for (const line of lines) {
    const ticks = /^(`{3,})(\w*)$/.exec(line);
    if (fenced === null && ticks !== null) fenced = ticks[1] ?? '';
    else if (fenced !== null && line === fenced) fenced = null;
    else if (fenced === null) outside.push(line);
  }
  expect(fenced).toBeNull();
  const rows = outside.filter((line) => line.startsWith('|'));
  expect(new Set(rows.map((row) => cellsOf(row).length))).toEqual(new Set([2, 3, 4, 6, 7, 10, 11]));
  for (const line of outside) {
    const plain = line.replace(/(`+)(?!`).*?(?<!`)\1(?!`)/g, '');
    expect(plain).not.toMatch(/<!--|<img|@all|(?<!\\)!\[|(?<!\\)\[l\]/);
    // The only tags are our own.
    expect(plain.replace(/<\/?(details|summary|sub|br)>/g, '')).not.toContain('<');
    expect(line).not.toMatch(/^::/);
  }
});

const hostile = fc.oneof(
  fc
    .array(
      fc.constantFrom(
        '`',
        '``',
        '```',
        '````',
        '\n',
        '\r',
        '|',
        '\\',
        '<!--',
        '-->',
        '@all',
        '#1',
        '<b>',
        '[x](y)',
        '![',
        '*',
        '_',
        '~~',
        ' ',
        '\t',
        '\u0000',
        '\u202e',
        '\u200b',
        '\u2060',
        '&lt;',
        'x',
      ),
      { maxLength: 20 },
    )
    .map((parts) => parts.join('')),
  fc.string({ unit: 'binary' }),
);

describe('inline', () => {
  const table = [
    { name: 'plain text stays', text: 'Waited 30 s for it, twice.', expected: 'Waited 30 s for it, twice.' },
    { name: 'several lines become one', text: 'a\n\n  b\tc', expected: 'a b c' },
    {
      name: 'HTML is shown as it is written',
      text: '<b>&amp;</b><!-- x -->',
      expected: '&lt;b&gt;&amp;amp;&lt;/b&gt;&lt;!-- x --&gt;'.replace('!', '\\!'),
    },
    { name: 'a mention is none', text: '@all', expected: '@\u2060all' },
    { name: 'a reference is none', text: 'see #12', expected: 'see #\u206012' },
    {
      name: 'emphasis, code and links are none',
      text: '*a* _b_ `c` [d](e) ~f~',
      expected: '\\*a\\* \\_b\\_ \\`c\\` \\[d\\](e) \\~f\\~',
    },
    { name: 'a cell is not ended, also behind a backslash', text: 'a|b\\|c', expected: 'a\\|b\\\\\\|c' },
    { name: 'text that runs backwards or can’t be seen goes', text: 'a\u202eb\u0000c\u200bd', expected: 'abcd' },
  ];
  test.each(table)('$name', ({ text, expected }) => {
    expect(inline(text)).toBe(expected);
  });

  test('no character of it means anything to GitHub', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const shown = inline(text);
        expect(shown).not.toMatch(/[\r\n<>]/);
        expect(shown.replace(/^ ?\d*\\[-+=.)]|\\[\\`*_[\]|~!]/g, '')).not.toMatch(/[\\`*_[\]|~!]/);
        expect(shown).not.toMatch(/[@#](?!\u2060)/);
        expect(shown).not.toMatch(/&(?!amp;|lt;|gt;)/);
      }),
      { numRuns: 500 },
    );
  });
});

describe('code', () => {
  const table = [
    { name: 'plain text', text: 'a b', expected: '`a b`' },
    { name: 'backticks inside', text: 'a`b', expected: '``a`b``' },
    { name: 'backticks at the edges', text: '`a`', expected: '`` `a` ``' },
    { name: 'a pipe', text: 'a|b', expected: '`a\\|b`' },
    { name: 'several lines', text: 'a\nb', expected: '`a b`' },
    { name: 'nothing', text: '', expected: '`  `' },
  ];
  test.each(table)('$name', ({ text, expected }) => {
    expect(code(text)).toBe(expected);
  });

  test('nothing in a text ends it before its end', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const shown = code(text);
        const ticks = /^`+/.exec(shown)?.[0].length ?? 0;
        const runs = [...shown.matchAll(/`+/g)].filter(([run]) => run.length === ticks);
        expect(runs.map(({ index }) => index)).toEqual([0, shown.length - ticks]);
        expect(shown).not.toMatch(/[\r\n]|(?<!\\)\|/);
      }),
      { numRuns: 500 },
    );
  });
});

describe('fence', () => {
  const table = [
    { name: 'plain text', text: 'a\nb', expected: '```text\na\nb\n```' },
    { name: 'a fence inside', text: '```\nx', expected: '````text\n```\nx\n````' },
    { name: 'a fence that comes together when controls go', text: '``\u0000`\nx', expected: '````text\n```\nx\n````' },
  ];
  test.each(table)('$name', ({ text, expected }) => {
    expect(fence(text)).toBe(expected);
  });

  test('a language is named', () => {
    expect(fence('ls', 'sh')).toBe('```sh\nls\n```');
  });

  test('no line of a text ends it', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const [open = '', ...lines] = fence(text).split(/\r\n|\n|\r/);
        const ticks = /^`+/.exec(open)?.[0] ?? '';
        const closing = lines.flatMap((line, index) =>
          /^ {0,3}(`+)\s*$/.exec(line)?.[1]?.startsWith(ticks) === true ? [index] : [],
        );
        expect(closing).toEqual([lines.length - 1]);
      }),
      { numRuns: 500 },
    );
  });

  test('a text of very many backticks is no reason to fail', () => {
    expect(fence('` '.repeat(300_000))).toMatch(/^```text\n/);
  });
});

test('an address of an issue leaves no reference, and a dollar begins no formula', () => {
  expect(inline('see https://github.com/o/r/issues/1 for $5')).toBe(
    'see https:\u2060//github\u2060.com/o/r/issues/1 for \\$5',
  );
});
