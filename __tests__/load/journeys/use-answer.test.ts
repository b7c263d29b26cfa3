import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Expectation, Source } from '../../../src/load/journeys/journey.ts';
import { parseJsonPath } from '../../../src/load/journeys/json-path.ts';
import { KEPT_BODY_BYTES, KeptAnswer } from '../../../src/load/journeys/kept-answer.ts';
import { AnswerUse, compileRegex, looksAtBody } from '../../../src/load/journeys/use-answer.ts';

function answerOf(body: string, fields: readonly (readonly [string, string])[] = []): KeptAnswer {
  const answer = new KeptAnswer();
  answer.begin(true);
  answer.setFields(fields);
  const bytes = Buffer.from(body);
  answer.addBody(bytes, 0, bytes.length);
  return answer;
}

const step = (save: Record<string, Source>, expectations: Expectation[] = [], inHeader = false) => ({
  name: 'login',
  target: 0,
  thinkMs: [0, 0] as const,
  save: Object.entries(save).map(([name, from]) => ({ name, from, inHeader })),
  expect: expectations,
});
const json = (text: string): Source => ({ kind: 'json', text, path: parseJsonPath(text) });

describe('what a step saves', () => {
  const FIELDS = [
    ['location', '/orders/12'],
    ['set-cookie', 'sid=abc; Path=/'],
  ] as const;
  test.each<[string, Source, string]>([
    ['of JSON', json('$.user.id'), '7'],
    ['of a header', { kind: 'header', header: 'location' }, '/orders/12'],
    ['of a cookie', { kind: 'cookie', cookie: 'sid' }, 'abc'],
    ['of a group', { kind: 'regex', pattern: '"name": ?"([a-z]+)"' }, 'ann'],
    ['of a whole match', { kind: 'regex', pattern: 'a[n]+' }, 'ann'],
  ])('%s', (_, from, value) => {
    const use = new AnswerUse(step({ value: from }));
    expect(use.look(answerOf('{"user": {"id": 7, "name": "ann"}}', FIELDS))).toEqual({ saved: [['value', value]] });
  });

  test.each<[Source, string]>([
    [json('$.user'), "token can't be saved: no text, number or truth value at $.user"],
    [{ kind: 'header', header: 'x-token' }, "token can't be saved: no header x-token"],
    [{ kind: 'cookie', cookie: 'sid' }, "token can't be saved: no cookie sid is set"],
    [{ kind: 'regex', pattern: 'x(y)' }, 'token can\'t be saved: "x(y)" is not found'],
  ])('is a problem when it is not there: %j', (from, problem) => {
    expect(new AnswerUse(step({ token: from })).look(answerOf('{"user": {"secret": "s3cret"}}'))).toEqual({ problem });
  });

  test('is a problem when a header could not hold it', () => {
    const use = new AnswerUse(step({ token: json('$.t') }, [], true));
    expect(use.look(answerOf('{"t": "a\\r\\nx-evil: 1"}'))).toMatchObject({
      problem: expect.stringContaining("a header can't hold it") as unknown,
    });
    expect(use.look(answerOf('{"t": "fine"}'))).toEqual({ saved: [['token', 'fine']] });
  });
});

describe('what a step expects', () => {
  const at = (text: string) => ({ kind: 'json' as const, text, path: parseJsonPath(text) });
  const good = answerOf('{"ok": true, "list": [1]}', [['content-type', 'application/json; charset=utf-8']]);
  test.each<[Expectation, null | string]>([
    [{ ...at('$.ok'), value: true }, null],
    [{ ...at('$.ok'), value: 'true' }, 'another value at $.ok than "true"'],
    [at('$.list'), null],
    [at('$.none'), 'nothing at $.none'],
    [{ kind: 'header', header: 'content-type', text: 'application/json' }, null],
    [{ kind: 'header', header: 'content-type', text: '' }, null],
    [{ kind: 'header', header: 'content-type', text: 'html' }, 'no header content-type with "html"'],
    [{ kind: 'header', header: 'etag', text: '' }, 'no header etag'],
  ])('%j', (expectation, problem) => {
    expect(new AnswerUse(step({}, [expectation])).look(good)).toEqual(problem === null ? { saved: [] } : { problem });
  });

  test('is not found in what is no JSON, or too long', () => {
    const use = new AnswerUse(step({}, [at('$.a')]));
    expect(use.look(answerOf('<html>'))).toEqual({ problem: 'nothing at $.a, as the answer is no JSON' });
    expect(use.look(answerOf(`{"a": "${'x'.repeat(KEPT_BODY_BYTES)}"}`))).toEqual({
      problem: 'nothing at $.a, as the answer is longer than 1 MiB',
    });
  });
});

test('only steps that need it keep the body', () => {
  expect(looksAtBody(step({ a: json('$.a') }))).toBe(true);
  expect(looksAtBody(step({ a: { kind: 'regex', pattern: 'a' } }))).toBe(true);
  expect(looksAtBody(step({ a: { kind: 'cookie', cookie: 'a' } }))).toBe(false);
});

describe('a regex', () => {
  test('that others take ages for ends soon', () => {
    const use = new AnswerUse(step({ a: { kind: 'regex', pattern: '(a+)+b|(.*)*c$' } }));
    expect(use.look(answerOf('a'.repeat(20_000)))).toHaveProperty('problem');
  });

  test.each(['(', '(?=a)', '(?<!a)b', '(a)\\1', 'a{2000}'])('%j is refused with a reason', (pattern) => {
    expect(() => compileRegex(pattern)).toThrow('is not a regex that RE2 accepts');
  });

  test('any text compiles or is refused, and never more', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 30 }),
          fc
            .array(fc.constantFrom('(', ')', '[', ']', 'a', '*', '+', '{2,3}', '|', '\\', 'd', '^', '?'), {
              maxLength: 12,
            })
            .map((parts) => parts.join('')),
        ),
        fc.string({ maxLength: 50 }),
        (pattern, body) => {
          try {
            compileRegex(pattern);
          } catch (error) {
            expect(String(error)).toContain('is not a regex');
            return;
          }
          const use = new AnswerUse(step({ a: { kind: 'regex', pattern } })).look(answerOf(body));
          expect('saved' in use || 'problem' in use).toBe(true);
        },
      ),
    );
  });
});
