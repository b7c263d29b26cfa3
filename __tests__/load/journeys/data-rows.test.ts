import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseData, rowOrder } from '../../../src/load/journeys/data-rows.ts';

describe('data', () => {
  test('of CSV has quoted fields, any line ends and an empty line', () => {
    expect(parseData('\uFEFFuser,password\r\nann,"a,""b"\r\n\r\nbob, c \n', 'csv')).toEqual({
      columns: ['user', 'password'],
      rows: [
        ['ann', 'a,"b'],
        ['bob', 'c'],
      ],
    });
  });

  test('of JSON has strings, numbers and booleans', () => {
    expect(parseData('[{"id": 1, "ok": true, "name": "x"}]', 'json')).toEqual({
      columns: ['id', 'ok', 'name'],
      rows: [['1', 'true', 'x']],
    });
  });

  test.each([
    ['csv', 'user\n', 'there is no row after the column names'],
    ['csv', '', 'there is no row'],
    ['csv', 'user,user\na,b', 'two columns have the same name'],
    ['csv', 'user name\na', 'the column "user name" can\'t be used as {{name}}'],
    ['csv', 'user,password\nann,s3cret,more', 'it is not CSV: Invalid Record Length'],
    ['csv', 'user\n"s3cret', 'it is not CSV'],
    ['json', '{"user": "s3cret"}', 'it is not a list of objects'],
    ['json', '[{"user": "s3cret"', 'it is not JSON'],
    ['csv', 'user;password\nann;s3cret', 'Fields are separated by commas, not by semicolons or tabs'],
    [
      'json',
      '[{"a": 1}, {"a": {"b": "s3cret"}}]',
      'item 2 has no string, number or boolean in "a": give each part of a nested value its own field',
    ],
    ['json', '[{"a": 1}, {"a": 1, "b": 2}]', 'item 2 and item 1 have different fields: only one of them has "b"'],
    [
      'json',
      '[{"a": 1, "b": 2}, {"a": "s3cret"}]',
      'item 2 and item 1 have different fields: only one of them has "b"',
    ],
    ['json', '[{"a": 1}, "s3cret"]', 'item 2 is not an object'],
    ['json', '[]', 'there is no row'],
  ] as const)('of %s is refused with the reason, and without what it holds: %j', (format, text, message) => {
    expect(() => parseData(text, format)).toThrow(message);
    expect(() => parseData(text, format)).not.toThrow('s3cret');
  });

  test('any text is rows or an error', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.array(fc.constantFrom('a', ',', '"', '\n', '\r', ' ')).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, fc.constantFrom('csv' as const, 'json' as const), (given, format) => {
        try {
          const { columns, rows } = parseData(given, format);
          for (const row of rows) expect(row).toHaveLength(columns.length);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });
});

test('each row is taken once before one is taken again, in the order of the seed', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.string(), (rows, seed) => {
      const next = rowOrder(rows, seed);
      const turns = Array.from({ length: rows }, (_, turn) => next(turn));
      expect(new Set(turns).size).toBe(rows);
      expect(Array.from({ length: rows }, (_, turn) => next(turn + rows))).toEqual(turns);
      expect(Array.from({ length: rows }, (_, turn) => rowOrder(rows, seed)(turn))).toEqual(turns);
    }),
  );
  const orders = ['a', 'b', 'c'].map((seed) =>
    Array.from({ length: 20 }, (_, turn) => rowOrder(20, seed)(turn)).join(),
  );
  expect(new Set(orders).size).toBe(3);
});
