import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cut } from '../../src/text/cut.ts';

test.each([
  { name: 'a short text', text: 'all of it', length: 9, expected: 'all of it' },
  { name: 'between words', text: 'denied for ghs_planted', length: 15, expected: 'denied for' },
  { name: 'within quotes', text: '{"token":"ghs_planted"}', length: 15, expected: '{"token":' },
  { name: 'a word that fills the space', text: 'ghs_planted0123456789', length: 15, expected: '' },
  { name: 'a word that no token is as long as', text: 'x'.repeat(2000), length: 1000, expected: 'x'.repeat(1000) },
])('$name is cut so that no part of a token is left', ({ text, length, expected }) => {
  expect(cut(text, length)).toBe(expected);
});

test('is never longer than it may be, and a beginning', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 1500 }), fc.nat({ max: 1200 }), (text, length) => {
      const begin = cut(text, length);
      expect(begin.length).toBeLessThanOrEqual(length);
      expect(text.startsWith(begin)).toBe(true);
    }),
  );
});
