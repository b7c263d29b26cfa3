import type { Json } from './read.ts';

/** The JSON text of a value, on one line, with all digits of integers. */
export function writeJson(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (Object.is(value, -0)) return '-0';
  if (Array.isArray(value)) return `[${value.map((item) => writeJson(item ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return `{${fields.map(([key, inner]) => `${JSON.stringify(key)}:${writeJson(inner)}`).join(',')}}`;
}

/** Texts, which stay as they are, and integers with more digits than a `number` can hold. */
const TEXT_OR_WIDE = /"[^"\\]*(?:\\[^][^"\\]*)*"|(?<![\d.eE+-])-?[1-9]\d{15,}(?![\d.eE])/g;
/** Stands before the digits of a wide integer while `JSON.parse` is at work; no manifest has such a text. */
const WIDE = '\0integer:';

const MIN_INTEGER = -(2n ** 63n);
const MAX_INTEGER = 2n ** 64n - 1n;

/**
 * Reads a JSON text. Integers of 64 bits that a `number` can't hold exactly become `bigint`, larger ones the nearest
 * double, as with Go; halves of surrogate pairs become U+FFFD.
 *
 * @throws SyntaxError for text that is not JSON; RangeError for a number that is too large for a double.
 */
export function readJson(text: string): Json {
  // Only from Node.js 21 on a reviver is given the digits of a number.
  const marked = text.replaceAll(TEXT_OR_WIDE, (found) =>
    found.startsWith('"') ? found : JSON.stringify(WIDE + found),
  );
  return JSON.parse(marked, (_, value: unknown) => {
    if (typeof value === 'string')
      return value.startsWith(WIDE) ? integerOf(value.slice(WIDE.length)) : wellFormed(value);
    if (typeof value === 'number') return finite(value);
    return value;
  }) as Json;
}

function integerOf(digits: string): number | bigint {
  const integer = BigInt(digits);
  const isWide = !Number.isSafeInteger(Number(integer)) && integer >= MIN_INTEGER && integer <= MAX_INTEGER;
  return isWide ? integer : finite(Number(integer));
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new RangeError('it holds a number that is too large for a double');
  return value;
}

const LONE_SURROGATES = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const wellFormed = (text: string): string => text.replaceAll(LONE_SURROGATES, '\ufffd');
