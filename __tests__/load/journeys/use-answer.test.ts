import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Expectation, Source } from '../../../src/load/journeys/journey.ts';
import { parseJsonPath } from '../../../src/load/journeys/json-path.ts';
import { KEPT_BODY_BYTES, KeptAnswer } from '../../../src/load/journeys/kept-answer.ts';
import { createRandom } from '../../../src/load/random.ts';
import { parseTemplate, type Values } from '../../../src/load/requests/template.ts';
import { AnswerUse, compileRegex, looksAtBody } from '../../../src/load/journeys/use-answer.ts';

function answerOf(body: string, fields: readonly (readonly [string, string])[] = []): KeptAnswer {
  const answer = new KeptAnswer();
  answer.begin(true);
  answer.setFields(fields);
  const bytes = Buffer.from(body);
  answer.addBody(bytes, 0, bytes.length);
  return answer;
}

const NO_VALUES: Values = createRandom('');
const withValues = (values: Readonly<Record<string, string>>): Values => ({
  ...NO_VALUES,
  named: (name) => values[name] ?? '',
});

const step = (save: Record<string, Source>, expectations: Expectation[] = [], inHeader = false) => ({
  name: 'login',
  target: 0,
  thinkMs: [0, 0] as const,
  save: Object.entries(save).map(([name, from]) => ({ name, from, inHeader })),
  expect: expectations,
});
const json = (text: string): Source & { kind: 'json' } => ({ kind: 'json', text, path: parseJsonPath(text) });

describe('what a step saves', () => {
  const FIELDS = [
    ['location', '/orders/12'],
    ['set-cookie', 'sid=abc; Path=/'],
  ] as const;
  test.each<[string, Source, string]>([
    ['of JSON', json('$.user.id'), '7'],
    ['of a header', { kind: 'header', header: 'location' }, '/orders/12'],
    ['of a cookie', { kind: 'cookie', cookie: 'sid' }, 'abc'],
    ['of a part of JSON', { ...json('$.user.name'), part: 'a(n)' }, 'n'],
    ['of a part of a header', { kind: 'header', header: 'location', part: '[0-9]+$' }, '12'],
    ['of a part of a cookie', { kind: 'cookie', cookie: 'sid', part: 'b' }, 'b'],
    ['of a group', { kind: 'regex', pattern: '"name": ?"([a-z]+)"' }, 'ann'],
    ['of a whole match', { kind: 'regex', pattern: 'a[n]+' }, 'ann'],
  ])('%s', (_, from, value) => {
    const use = new AnswerUse(step({ value: from }));
    expect(use.look(answerOf('{"user": {"id": 7, "name": "ann"}}', FIELDS), NO_VALUES)).toEqual({
      saved: [['value', value]],
    });
  });

  test.each<[Source, string]>([
    [json('$.user'), "token can't be saved: no string, number or boolean at $.user"],
    [{ kind: 'header', header: 'x-token' }, "token can't be saved: no header x-token"],
    [{ kind: 'cookie', cookie: 'sid' }, "token can't be saved: no cookie sid is set"],
    [{ kind: 'regex', pattern: 'x(y)' }, 'token can\'t be saved: "x(y)" is not found'],
    [
      { ...json('$.user.secret'), part: 'x' },
      'token can\'t be saved: no string, number or boolean at $.user.secret, or "x" is not found in it',
    ],
  ])('is a problem when it is not there: %j', (from, problem) => {
    expect(new AnswerUse(step({ token: from })).look(answerOf('{"user": {"secret": "s3cret"}}'), NO_VALUES)).toEqual({
      problem,
    });
  });

  test('is a problem when a header could not hold it', () => {
    const use = new AnswerUse(step({ token: json('$.t') }, [], true));
    expect(use.look(answerOf('{"t": "a\\r\\nx-evil: 1"}'), NO_VALUES)).toMatchObject({
      problem: expect.stringContaining("a header can't hold it") as unknown,
    });
    expect(use.look(answerOf('{"t": "fine"}'), NO_VALUES)).toEqual({ saved: [['token', 'fine']] });
  });
});

describe('what a step expects', () => {
  const at = (text: string) => ({ kind: 'json' as const, text, path: parseJsonPath(text) });
  const good = answerOf('{"ok": true, "list": [1]}', [['content-type', 'application/json; charset=utf-8']]);
  test.each<[Expectation, null | string]>([
    [{ ...at('$.ok'), value: true }, null],
    [{ ...at('$.ok'), value: 'true' }, 'the value at $.ok is not "true"'],
    [at('$.list'), null],
    [at('$.none'), 'nothing at $.none'],
    [{ kind: 'header', header: 'content-type', text: ['application/json'] }, null],
    [{ kind: 'header', header: 'content-type', text: [] }, null],
    [{ kind: 'text', text: ['"ok"'] }, null],
    [{ kind: 'text', text: ['none'] }, 'no text "none"'],
    [{ kind: 'header', header: 'content-type', text: ['html'] }, 'no header content-type with "html"'],
    [{ kind: 'header', header: 'etag', text: [] }, 'no header etag'],
  ])('%j', (expectation, problem) => {
    expect(new AnswerUse(step({}, [expectation])).look(good, NO_VALUES)).toEqual(
      problem === null ? { saved: [] } : { problem },
    );
  });

  test('is not found in what is not JSON, or too long', () => {
    const use = new AnswerUse(step({}, [at('$.a')]));
    expect(use.look(answerOf('<html>'), NO_VALUES)).toEqual({
      problem: 'nothing at $.a, because the answer is not JSON',
    });
    expect(use.look(answerOf(`{"a": "${'x'.repeat(KEPT_BODY_BYTES)}"}`), NO_VALUES)).toEqual({
      problem: 'nothing at $.a, because the answer is longer than 1 MiB',
    });
  });
});

describe('an expectation with a value', () => {
  const names = new Set(['user', 'id']);
  const answer = answerOf('{"user": "ann", "id": 9007199254740993, "n": 7}', [['x-user', 'user=ann']]);
  const values = withValues({ user: 'ann', id: '9007199254740993' });
  const at = (text: string, value: string): Expectation => ({
    kind: 'json',
    text,
    path: parseJsonPath(text),
    value: parseTemplate(value, 'body', names),
  });
  test.each<[Expectation, null | string]>([
    [{ kind: 'text', text: parseTemplate('"{{user}}"', 'body', names) }, null],
    [at('$.user', '{{user}}'), null],
    [at('$.id', '{{id}}'), null],
    [at('$.n', '{{id}}'), 'the value at $.n is not "{{id}}"'],
    [{ kind: 'header', header: 'x-user', text: parseTemplate('user={{user}}', 'body', names) }, null],
    [{ kind: 'text', text: parseTemplate('not {{user}}', 'body', names) }, 'no text "not {{user}}"'],
  ])('is held against the value, which is never told: %j', (expectation, problem) => {
    expect(new AnswerUse(step({}, [expectation])).look(answer, values)).toEqual(
      problem === null ? { saved: [] } : { problem },
    );
  });
});

test('a number too long for JavaScript is saved as it is, and is the one that a scenario expects', () => {
  const answer = answerOf('{"id": 9007199254740993}');
  expect(new AnswerUse(step({ id: json('$.id') })).look(answer, NO_VALUES)).toEqual({
    saved: [['id', '9007199254740993']],
  });
  const expected = (value: string | number): Expectation => ({
    kind: 'json',
    text: '$.id',
    path: parseJsonPath('$.id'),
    value,
  });
  for (const value of ['9007199254740993', 9007199254740992]) {
    expect(new AnswerUse(step({}, [expected(value)])).look(answer, NO_VALUES)).toEqual({ saved: [] });
  }
  expect(new AnswerUse(step({}, [expected(7)])).look(answer, NO_VALUES)).toHaveProperty('problem');
});

describe('what stands in an answer in another way than it is used', () => {
  const saved = (from: Source, body: string, fields: [string, string][], asked = '/'): unknown =>
    new AnswerUse(step({ value: from })).look(answerOf(body, fields), NO_VALUES, asked);

  test.each([
    ['/next', '/next'],
    ['/next?a=1#state', '/next?a=1'],
    ['http://other.localhost/next#x', 'http://other.localhost/next'],
    ['?page=2', '/shop/list?page=2'],
    ['item/7', '/shop/item/7'],
    ['../login', '/login'],
    ['', '/shop/list?page=1'],
  ])('a Location %j leads to %s', (location, value) => {
    expect(saved({ kind: 'header', header: 'location' }, '', [['location', location]], '/shop/list?page=1')).toEqual({
      saved: [['value', value]],
    });
  });

  test('a link of HTML is the one that a browser would follow', () => {
    const form = '<form action="/auth?session=a&amp;tab=b" method="post">';
    const from: Source = { kind: 'regex', pattern: 'action="([^"]+)"' };
    expect(saved(from, form, [['content-type', 'text/html; charset=utf-8']])).toEqual({
      saved: [['value', '/auth?session=a&tab=b']],
    });
    expect(saved(from, form, [['content-type', 'text/plain']])).toEqual({
      saved: [['value', '/auth?session=a&amp;tab=b']],
    });
  });

  test.each<[string, [string, string][], string]>([
    ['<html>', [], 'no string, number or boolean at $.a, because the answer is not JSON'],
    ['', [], 'no string, number or boolean at $.a, because the answer has no body'],
    [
      'xx',
      [['content-encoding', 'zstd']],
      'no string, number or boolean at $.a, because the answer is compressed with zstd, which is not read here',
    ],
    ['{"a": null}', [], 'no string, number or boolean at $.a'],
  ])('what is not there says why: %j', (body, fields, problem) => {
    expect(saved(json('$.a'), body, fields)).toEqual({ problem: `value can't be saved: ${problem}` });
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
    expect(use.look(answerOf('a'.repeat(20_000)), NO_VALUES)).toHaveProperty('problem');
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
          const use = new AnswerUse(step({ a: { kind: 'regex', pattern } })).look(answerOf(body), NO_VALUES);
          expect('saved' in use || 'problem' in use).toBe(true);
        },
      ),
    );
  });
});
