import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inertLines, inertText } from '../../src/text/inert-text.ts';
import { visibleText } from '../../src/text/visible-text.ts';

describe('text of a pod in the log', () => {
  const table = [
    { name: 'plain lines stay', text: 'a\nb', expected: ['a', 'b'] },
    { name: 'indentation and tabs stay', text: '  a\tb', expected: ['  a\tb'] },
    { name: 'a workflow command is a line of text', text: '::error::x', expected: ['|::error::x'] },
    { name: 'also behind white space', text: ' \t::stop-commands::x', expected: ['| \t::stop-commands::x'] },
    {
      name: 'also behind white space that is none in ASCII',
      text: '\u00a0\u3000::add-mask::a',
      expected: ['|\u00a0\u3000::add-mask::a'],
    },
    { name: 'also behind a control character', text: '\u0000::error::x', expected: ['|::error::x'] },
    { name: 'also behind a terminal sequence', text: '\u001b[31m::error::x\u001b[0m', expected: ['|::error::x'] },
    {
      name: 'also in the middle of a line that a carriage return ends',
      text: 'fine\r::error::x',
      expected: ['fine', '|::error::x'],
    },
    { name: 'the older form is broken wherever it stands', text: 'a ##[error]b', expected: ['a # #[error]b'] },
    { name: 'the older form with more signs', text: '###[group]', expected: ['## #[group]'] },
    { name: 'the older form put together by what is removed', text: '#\u0007#[error]x', expected: ['# #[error]x'] },
    { name: 'a colon in the text stays', text: 'a::b', expected: ['a::b'] },
    { name: 'colours and titles go', text: '\u001b[1;31mred\u001b[0m \u001b]0;title\u0007x', expected: ['red x'] },
    { name: 'a title without an end goes with its line', text: 'a\u001b]0;rest\nb', expected: ['a', 'b'] },
    { name: 'line ends of Windows', text: 'a\r\nb', expected: ['a', 'b'] },
    { name: 'line separators of Unicode end no line', text: 'a\u2028::error::b', expected: ['a::error::b'] },
    { name: 'nothing is one empty line', text: '', expected: [''] },
  ];
  test.each(table)('$name', ({ text, expected }) => {
    expect(inertLines(text)).toEqual(expected);
  });

  test('an endless line is cut', () => {
    expect(inertText('x'.repeat(5_000_000))).toBe(`${'x'.repeat(2000)}… (cut)`);
  });
});

test('nothing in the output is a command to the runner', () => {
  const pieces = fc.constantFrom(
    '::',
    '##[',
    '#',
    '[',
    ':',
    'error',
    '\r',
    '\n',
    '\u001b[',
    '\u001b]',
    '\u001b',
    'm',
    '\u0000',
    '\u0085',
    '\u2028',
    ' ',
    '\t',
    '\ufeff',
    '::add-mask::a',
    'x',
  );
  const text = fc.oneof(
    fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(text, (given) => {
      for (const line of inertLines(given)) {
        // As the runner reads it: https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
        expect(line.trimStart().startsWith('::')).toBe(false);
        expect(line).not.toContain('##[');
        expect(line).not.toMatch(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/);
      }
    }),
    { numRuns: 1000 },
  );
});

test('what was made inert once stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const once = inertText(text);
      expect(inertText(once)).toBe(once);
    }),
  );
});

describe('text that deceives', () => {
  const unseen = [
    { name: 'a mark of direction', text: 'a\u202egnp.exe', shown: 'agnp.exe' },
    { name: 'an Arabic mark of direction', text: 'a\u061cb', shown: 'ab' },
    { name: 'an isolate', text: 'a\u2066b\u2069', shown: 'ab' },
    { name: 'a soft hyphen', text: 'pass\u00aded', shown: 'passed' },
    { name: 'tag characters', text: 'a\u{e0041}\u{e0042}b', shown: 'ab' },
    { name: 'a selector of variants', text: 'a\ufe00\u{e0101}b', shown: 'ab' },
    { name: 'a filler', text: 'a\u3164b', shown: 'ab' },
    { name: 'a zero-width joiner', text: 'a\u200db', shown: 'ab' },
    { name: 'nothing', text: 'ä 😀\t– Größe', shown: 'ä 😀\t– Größe' },
  ];
  test.each(unseen)('has no $name in a log or a report', ({ text, shown }) => {
    expect(inertText(text)).toBe(shown);
    expect(visibleText(text)).toBe(shown);
  });
});
