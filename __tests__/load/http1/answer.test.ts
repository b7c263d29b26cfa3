import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BodyHead, failureOfAnswer, TEXT_LIMIT } from '../../../src/load/http1/answer.ts';

const body = fc.string({ unit: fc.constantFrom('f', 'o', 'x'), maxLength: 300 });
const text = fc.string({ unit: fc.constantFrom('f', 'o', 'x'), maxLength: 5 });

test('a text is found in a body of any length, however it came in', () => {
  fc.assert(
    fc.property(fc.array(body, { maxLength: 3 }), text, (chunks, wanted) => {
      const head = new BodyHead();
      head.append(Buffer.from('left from the answer before'), 0, 20);
      head.clear();
      for (const chunk of chunks) head.append(Buffer.from(`..${chunk}..`), 2, chunk.length + 2);
      expect(head.contains(Buffer.from(wanted))).toBe(chunks.join('').includes(wanted));
    }),
    { numRuns: 1000 },
  );
});

test('only the first bytes of a body count', () => {
  const head = new BodyHead();
  head.append(Buffer.alloc(TEXT_LIMIT - 1), 0, TEXT_LIMIT - 1);
  head.append(Buffer.from('foo'), 0, 3);
  expect(head.contains(Buffer.from('f'))).toBe(true);
  expect(head.contains(Buffer.from('fo'))).toBe(false);
});

test.each([
  [200, 'foo', 'foo', null],
  [200, 'bar', 'foo', 'wrong-answer'],
  [200, 'bar', null, null],
  [301, 'foo', 'foo', 'redirect'],
  [308, '', null, 'redirect'],
  [304, '', null, null],
  [404, 'foo', 'foo', 'http-status'],
  [503, '', null, 'http-status'],
])('status %p with the body %j, where %j is expected, is the failure %p', (status, received, expected, failure) => {
  const head = new BodyHead();
  head.append(Buffer.from(received), 0, received.length);
  expect(failureOfAnswer(status, head, expected === null ? null : Buffer.from(expected))).toBe(failure);
});
