import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { wrapLines, wrapWords } from '../../src/text/wrapped.ts';

test.each([
  { name: 'at words', text: 'one two three', width: 8, lines: ['one two', 'three'] },
  {
    name: 'with a word that is too long on its own line',
    text: 'a longword b',
    width: 4,
    lines: ['a', 'longword', 'b'],
  },
  { name: 'exactly at the width', text: 'one two', width: 7, lines: ['one two'] },
  { name: 'by characters, not by code units', text: '😀😀 😀😀', width: 5, lines: ['😀😀 😀😀'] },
  {
    name: 'around a command in backticks',
    text: 'Start with `try --compare --slow-down 5ms` first.',
    width: 20,
    lines: ['Start with', '`try --compare --slow-down 5ms`', 'first.'],
  },
  {
    name: 'around a command after a colon',
    text: 'Remove the unused ones: docker network prune --force. Then run it again.',
    width: 24,
    lines: ['Remove the unused ones:', 'docker network prune --force.', 'Then run it again.'],
  },
  { name: 'nothing', text: '', width: 8, lines: [] },
])('a text is wrapped $name', ({ text, width, lines }) => {
  expect(wrapWords(text, width)).toEqual(lines);
});

test('lines to paste stay whole', () => {
  const lines = [
    'Try: kubectl get pods --all-namespaces',
    'More: https://example.com/a/b/c',
    '  - role: control-plane',
  ];
  expect(wrapLines(lines.join('\n'), 10)).toBe(lines.join('\n'));
});

test('each line is wrapped by itself', () => {
  expect(wrapLines('one two\nthree four five', 10)).toBe('one two\nthree four\nfive');
});

test('no word is broken or lost, and no line is longer than it must be', () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { maxLength: 30 }),
      fc.integer({ min: 1, max: 40 }),
      (words, width) => {
        const lines = wrapWords(words.join(' '), width);
        expect(
          lines
            .join(' ')
            .split(' ')
            .filter((word) => word !== ''),
        ).toEqual(words);
        for (const line of lines) expect(line.length <= width || !line.includes(' ')).toBe(true);
      },
    ),
  );
});
