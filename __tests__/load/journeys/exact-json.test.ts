import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { exactJsonText, parseExactJson } from '../../../src/load/journeys/exact-json.ts';

test.each<[string, unknown]>([
  ['{"id": 9007199254740993}', { id: 9007199254740993n }],
  ['[-1234567890123456789012]', [-1234567890123456789012n]],
  ['{"id": 9007199254740991, "x": 1.5e300}', { id: 9007199254740991, x: 1.5e300 }],
  [
    '{"9007199254740993": "9007199254740993", "a": "\\"9007199254740993"}',
    { '9007199254740993': '9007199254740993', a: '"9007199254740993' },
  ],
  ['12345678901234567890', 12345678901234567890n],
  ['0.12345678901234567', 0.12345678901234567],
  ['"\\u0000whole 1"', '\0whole 1'],
])('%s', (text, value) => {
  expect(parseExactJson(text)).toEqual(value);
});

test('what is not JSON is refused', () => {
  expect(() => parseExactJson('{"a": 9007199254740993')).toThrow(SyntaxError);
});

test('any JSON without long numbers is what JSON.parse makes of it', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const plain: unknown = JSON.parse(text);
      fc.pre(!/\d{16}/.test(text));
      expect(parseExactJson(text)).toEqual(plain);
    }),
  );
});

test('any whole number keeps its digits, wherever it stands', () => {
  fc.assert(
    fc.property(fc.bigInt(), fc.string(), (number, text) => {
      const read = parseExactJson(`{${JSON.stringify(text)}: [${String(number)}, ${JSON.stringify(text)}]}`);
      const [[, list]] = Object.entries(read as Record<string, unknown[]>) as [[string, unknown[]]];
      expect([String(list[0]), list[1]]).toEqual([String(number), text]);
      expect(exactJsonText(list)).toBe(`[${String(number)},${JSON.stringify(text)}]`);
    }),
  );
});
