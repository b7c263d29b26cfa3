import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LineJoiner } from '../../src/text/lines.ts';

test('lines are the same however the text is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[ab"\n]{0,12}$/), { maxLength: 20 }), (pieces) => {
      const joiner = new LineJoiner();
      const lines = [...pieces.flatMap((piece) => joiner.push(piece)), joiner.end()];
      expect(lines).toEqual(pieces.join('').split('\n'));
      expect(joiner.end()).toBe('');
    }),
  );
});

test('a line without an end is not kept for ever', () => {
  const joiner = new LineJoiner();
  const piece = 'x'.repeat(1024 * 1024);
  for (let count = 0; count < 100; count += 1) expect(joiner.push(piece)).toEqual([]);
  const [line = '', next] = joiner.push('end\nnext\n');
  expect(line.length).toBeLessThan(20 * piece.length);
  expect(next).toBe('next');
});
