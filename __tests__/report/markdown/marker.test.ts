import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  COMMENT_LIMITS,
  commentMarker,
  defaultHeader,
  findOwnComments,
  hasMarker,
  sameBody,
  SUMMARY_LIMITS,
  withinCommentLimits,
  withinSummaryLimit,
  withMarker,
} from '../../../src/report/markdown/marker.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 400 });
const link = 'https://github.com/o/r/actions/runs/1/artifacts/2';

describe('commentMarker', () => {
  const table = [
    { name: 'a plain header', header: 'load_test', marker: '<!-- k8s-loadtest-ci comment=load_test -->' },
    { name: 'nothing', header: '', marker: '<!-- k8s-loadtest-ci comment= -->' },
    { name: 'an end of comment', header: '-->', marker: '<!-- k8s-loadtest-ci comment=%2D%2D%3E -->' },
    { name: 'another alphabet', header: 'ж', marker: '<!-- k8s-loadtest-ci comment=%D0%B6 -->' },
    { name: 'a line end', header: 'a\nb', marker: '<!-- k8s-loadtest-ci comment=a%0Ab -->' },
  ];
  test.each(table)('encodes $name', ({ header, marker }) => {
    expect(commentMarker(header)).toBe(marker);
  });

  test('is one well-formed HTML comment whatever the header', () => {
    fc.assert(
      fc.property(anyText, (header) => {
        expect(commentMarker(header)).toMatch(
          /^<!-- k8s-loadtest-ci comment=(?:(?:\w|%[0-9A-F]{2})*|sha256-[0-9a-f]{64}) -->$/,
        );
        expect(commentMarker(header).length).toBeLessThanOrEqual(200);
      }),
    );
  });

  test('differs for different headers', () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        expect(commentMarker(a) === commentMarker(b)).toBe(a === b);
      }),
    );
  });

  test('of a long header is not the marker of the text of its digest', () => {
    const key = /comment=(\S+)/.exec(commentMarker('x'.repeat(1000)))?.[1] ?? '';
    expect(key).toMatch(/^sha256-/);
    expect(commentMarker(key)).not.toBe(commentMarker('x'.repeat(1000)));
  });
});

describe('defaultHeader', () => {
  const base = { workflow: 'CI', job: 'load', matrix: 'null' };
  const distinct = [
    base,
    { ...base, workflow: 'CD' },
    { ...base, job: 'load2' },
    { ...base, matrix: '{"node":"20"}' },
    { ...base, matrix: '{"node":"24"}' },
    { ...base, workflow: 'CI","load', job: '' },
  ];
  test('differs by workflow, job and matrix', () => {
    expect(new Set(distinct.map(defaultHeader)).size).toBe(distinct.length);
  });

  const same = [
    {
      name: 'another order of keys',
      a: '{"node":"20","os":{"a":1,"b":2}}',
      b: '{ "os": {"b":2,"a":1},\n "node": "20" }',
    },
    { name: 'no matrix and an empty text', a: 'null', b: '' },
    { name: 'white space round garbage', a: '{oops', b: ' {oops\n' },
  ];
  test.each(same)('is the same for $name', ({ a, b }) => {
    expect(defaultHeader({ ...base, matrix: a })).toBe(defaultHeader({ ...base, matrix: b }));
  });
});

describe('findOwnComments', () => {
  const marker = commentMarker('mine');
  const bot = 'github-actions[bot]';
  const comment = (id: number, body: string, login: string | null) => ({ id, body, login });
  const table = [
    { name: 'our own', comments: [comment(1, withMarker(marker, 'x'), bot)], ids: [1] },
    { name: 'only the marker', comments: [comment(1, marker, bot)], ids: [1] },
    { name: 'a login in other letters', comments: [comment(1, marker, 'GitHub-Actions[bot]')], ids: [1] },
    { name: 'the oldest first', comments: [comment(9, marker, bot), comment(3, marker, bot)], ids: [3, 9] },
    { name: 'not a forged one', comments: [comment(1, marker, 'mallory')], ids: [] },
    { name: 'not one of a user named like the bot', comments: [comment(1, marker, 'github-actions')], ids: [] },
    { name: 'not one of a deleted account', comments: [comment(1, marker, null)], ids: [] },
    { name: 'not a marker further down', comments: [comment(1, `hello\n${marker}`, bot)], ids: [] },
    { name: 'not a quoted marker', comments: [comment(1, `> ${marker}`, bot)], ids: [] },
    { name: 'not one of another header', comments: [comment(1, commentMarker('mine2'), bot)], ids: [] },
  ];
  test.each(table)('finds $name', ({ comments, ids }) => {
    expect(findOwnComments(comments, marker, bot).map(({ id }) => id)).toEqual(ids);
  });

  test('no body can take the place of the comment of another header', () => {
    fc.assert(
      fc.property(anyText, anyText, anyText, (header, other, body) => {
        fc.pre(header !== other);
        const hostile = `${commentMarker(other)}\n${body}`;
        expect(hasMarker({ body: withMarker(commentMarker(header), hostile) }, commentMarker(other))).toBe(false);
      }),
    );
  });
});

describe('sameBody', () => {
  const table = [
    { name: 'equal texts', a: 'a\nb', b: 'a\nb', same: true },
    { name: 'other line ends', a: 'a\r\nb', b: 'a\nb', same: true },
    { name: 'white space at the end', a: 'a\n', b: 'a', same: true },
    { name: 'white space at the start', a: ' a', b: 'a', same: false },
    { name: 'other letters', a: 'a', b: 'A', same: false },
  ];
  test.each(table)('$name: $same', ({ a, b, same }) => {
    expect(sameBody(a, b)).toBe(same);
  });
});

const size = (text: string) => ({ codePoints: Array.from(text).length, bytes: Buffer.byteLength(text) });

describe('withinCommentLimits', () => {
  const big = 'x'.repeat(70_000);
  const note = 'left out here';
  /** Of a line that is too long for a verdict. */
  const beginning = (text: string): string => `${text.repeat(1000 / text.length)}…`;
  const table = [
    { name: 'everything when it fits', sections: ['a', 'b'], kept: ['a', 'b'], cut: false },
    { name: 'nothing of nothing', sections: [], kept: [], cut: false },
    { name: 'what comes before a big section', sections: ['a', big], kept: ['a'], cut: true },
    { name: 'what comes after a big section', sections: ['a', big, 'c'], kept: ['a', 'c'], cut: true },
    { name: 'the beginning of one section that is too big', sections: [big], kept: [beginning('x')], cut: true },
    { name: 'exactly 60,000 code points', sections: ['x'.repeat(60_000)], kept: ['x'.repeat(60_000)], cut: false },
    { name: 'no section of 60,001 code points', sections: ['x'.repeat(60_001)], kept: [beginning('x')], cut: true },
    { name: 'exactly 200,000 bytes', sections: ['😀'.repeat(50_000)], kept: ['😀'.repeat(50_000)], cut: false },
    { name: 'no section of more bytes', sections: ['😀'.repeat(50_001)], kept: [beginning('😀')], cut: true },
  ];
  test.each(table)('keeps $name', ({ sections, kept, cut }) => {
    const text = withinCommentLimits(sections, link);
    expect(text.includes(note)).toBe(cut);
    expect(text.split('\n\n').filter((part) => part !== '' && !part.includes(note))).toEqual(kept);
  });

  const links = [
    { name: 'a link', link, shown: `(<${link}>)` },
    { name: 'no link', link: null, shown: 'in the files of the run' },
    { name: 'a link that is none', link: 'javascript:alert(1)', shown: 'in the files of the run' },
    { name: 'a link of a megabyte', link: `https://example.com/${'x'.repeat(1e6)}`, shown: 'in the files of the run' },
    { name: 'a link with brackets', link: 'https://example.com/a>)(b', shown: '(<https://example.com/a%3E)(b>)' },
    {
      name: 'a link with brackets behind a hash',
      link: 'https://example.com/#a>b',
      shown: '(<https://example.com/#a%3Eb>)',
    },
  ];
  test.each(links)('says where the rest is: $name', ({ link: given, shown }) => {
    expect(withinCommentLimits([big], given)).toContain(shown);
  });

  const section = fc
    .tuple(fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 6000 }))
    .map(([unit, times]) => unit.repeat(times));

  test('never exceeds the limits, keeps whole sections in order, cuts only when it must', () => {
    fc.assert(
      fc.property(fc.array(section, { maxLength: 12 }), fc.option(fc.webUrl()), (sections, given) => {
        const text = withinCommentLimits(sections, given);
        const { codePoints, bytes } = size(text);
        expect(codePoints <= COMMENT_LIMITS.codePoints && bytes <= COMMENT_LIMITS.bytes).toBe(true);

        const all = size(sections.join('\n\n'));
        const fitsWhole = all.codePoints <= COMMENT_LIMITS.codePoints && all.bytes <= COMMENT_LIMITS.bytes;
        if (fitsWhole) {
          expect(text).toBe(sections.join('\n\n'));
          return;
        }
        let rest = text;
        const [first = ''] = sections;
        if (!rest.startsWith(`${first}\n\n`)) rest = rest.replace(/^.*\n\n/, '');
        for (const part of sections) if (rest.startsWith(`${part}\n\n`)) rest = rest.slice(part.length + 2);
        expect(rest).toMatch(/^_Parts of this report are left out here.*_$/s);
      }),
      { numRuns: 100 },
    );
  });
});

describe('withinSummaryLimit', () => {
  test('keeps 900 KiB together with what is in the file already', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 600_000 }), { maxLength: 5 }),
        fc.integer({ min: 0, max: 2_000_000 }),
        (lengths, written) => {
          const text = withinSummaryLimit(
            lengths.map((length) => 'x'.repeat(length)),
            link,
            written,
          );
          const bytes = Buffer.byteLength(text) + written;
          const isVerdictAlone = text.length <= 1001 && bytes < 1023 * 1024;
          expect(text === '' || bytes <= SUMMARY_LIMITS.bytes || isVerdictAlone).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('has no limit of code points', () => {
    const text = 'x'.repeat(900 * 1024);
    expect(withinSummaryLimit([text], link)).toBe(text);
  });
});

describe('a summary that is cut', () => {
  const verdict = '## ❌ The load test failed';
  const limit = SUMMARY_LIMITS.bytes;

  test('keeps its verdict line although the section it begins is too long', () => {
    const cut = withinSummaryLimit([`${verdict}\n\n${'x'.repeat(limit)}`, 'short'], link);
    expect(cut.startsWith(`${verdict}\n\nshort`)).toBe(true);
    expect(cut).toContain('left out');
  });

  test('keeps it where others have filled the summary up to the margin', () => {
    expect(withinSummaryLimit([verdict, 'x'], link, limit)).toBe(verdict);
    expect(withinSummaryLimit([verdict, 'x'], link, 1024 * 1024 - 10)).toBe('');
  });

  test('cuts a verdict line that is too long itself', () => {
    const cut = withinCommentLimits([`## ${'😀'.repeat(70_000)}`], link);
    expect(cut).toMatch(/^## (?:😀)+…/);
  });
});
