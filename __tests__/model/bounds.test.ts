import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';

type Schema = Readonly<Record<string, unknown>>;

/** Where a schema takes a text or a list of any length; the relay reads reports of strangers. */
function unbounded(schema: unknown, path = ''): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { type, enum: choices, const: only, pattern, format, maxLength, maxItems } = schema as Schema;
  const isText =
    type === 'string' && choices === undefined && only === undefined && pattern === undefined && format === undefined;
  const found = [
    ...(isText && maxLength === undefined ? [`${path}: a text`] : []),
    ...(type === 'array' && maxItems === undefined ? [`${path}: a list`] : []),
  ];
  return [...found, ...Object.entries(schema).flatMap(([key, inner]) => unbounded(inner, `${path}/${key}`))];
}

test('every text and every list of a report has a bound', () => {
  const schema: unknown = JSON.parse(readFileSync('schemas/report.schema.json', 'utf8'));
  expect(unbounded(schema).filter((place) => !place.includes('propertyNames'))).toEqual([]);
});
