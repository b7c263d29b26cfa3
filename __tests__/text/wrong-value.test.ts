import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { report } from '../../src/model/report.ts';
import { pipelineState } from '../../src/state.ts';
import { firstWrongValue, wrongValue } from '../../src/text/wrong-value.ts';

const textOf = (schema: z.ZodType, value: unknown): string => {
  const { error } = schema.safeParse(value, { error: wrongValue });
  return error === undefined ? '' : firstWrongValue(error);
};

describe('what is wrong with a value', () => {
  const name = z.string().regex(/^a/, 'a name with an a');
  test.each<[string, z.ZodType, unknown, string]>([
    ['another type', z.strictObject({ a: z.string() }), { a: 1 }, 'a: takes a text'],
    ['a missing one', z.strictObject({ a: z.array(z.string()) }), {}, 'a: is missing; it is a list'],
    ['a name that is none', z.strictObject({}), { b: 1 }, 'the whole: there is nothing called "b" here'],
    ['too few', z.array(z.string()).min(1), [], 'the whole: takes at least 1 entry'],
    ['a text that is too long', z.string().max(2), 'abc', 'the whole: takes at most 2 characters'],
    ['a number that is too large', z.int().max(2), 3, 'the whole: takes at most 2'],
    ['another word', z.enum(['x', 'y']), 'z', 'the whole: takes "x", "y"'],
    ['words of its own', name, 'b', 'the whole: a name with an a'],
    ['a key', z.record(name, z.string()), { b: 'x' }, 'b: a name with an a'],
    ['no form of several', z.union([z.string(), z.number()]), [], 'the whole: has none of the forms that it may have'],
  ])('%s', (_, schema, value, expected) => {
    expect(textOf(schema, value)).toBe(expected);
  });

  test.each([
    ['a state', pipelineState],
    ['a report', report],
  ])('of %s is never in the words of a library', (_, schema) => {
    for (const value of [
      null,
      5,
      'x',
      [],
      {},
      { requests: {} },
      { requests: [{ path: 5, headers: 'x', weight: 'y' }] },
    ])
      expect(textOf(schema, value)).not.toMatch(/Invalid|expected|received|Unrecognized|undefined/);
  });
});
