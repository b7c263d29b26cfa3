import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { answerOf, jsonOf } from '../../src/model/answer.ts';

const list = z.object({ items: z.array(z.object({ name: z.string() })) });

describe('an answer', () => {
  test('is read by its schema', () => {
    expect(answerOf('kubectl', list, { items: [{ name: 'a' }] })).toEqual({ items: [{ name: 'a' }] });
  });

  const wrong = [
    { answer: { items: null }, message: 'kubectl gave an unusable answer: items is null.' },
    { answer: { items: [{}] }, message: 'kubectl gave an unusable answer: items.0.name is missing.' },
    {
      answer: { items: [{ name: 5 }] },
      message: 'kubectl gave an unusable answer: items.0.name is the number 5.',
    },
    { answer: [], message: 'kubectl gave an unusable answer: the answer is a list.' },
    { answer: { items: {} }, message: 'kubectl gave an unusable answer: items is an object.' },
  ];
  test.each(wrong)('that is $answer is refused in a sentence', ({ answer, message }) => {
    expect(() => answerOf('kubectl', list, answer)).toThrow(
      expect.objectContaining({ code: 'unexpected-answer', message }),
    );
  });

  test.each([
    { text: '', message: /it is empty/ },
    { text: '<html>', message: /it is not JSON, and begins with "<html>"/ },
  ])('that is the text "$text" is not JSON', ({ text, message }) => {
    expect(() => jsonOf('kubectl', text)).toThrow(message);
  });
});
