/** A whole number so long that a number of JavaScript may not hold it, where a value may stand in JSON. */
const LONG_NUMBER = /\d{16}/;
/** Texts are skipped as a whole, so that no number in one is taken for a value. */
const TEXT_OR_NUMBER = /"[^"\\]*(?:\\[^][^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** Begins a text that stands for a long number in between. */
const MARK = '\0whole ';

/**
 * Reads JSON as `JSON.parse` does, but whole numbers that a number of JavaScript can't hold become a bigint: an id such
 * as 9007199254740993 would otherwise be another one.
 *
 * @throws SyntaxError for text that is not JSON.
 */
export function parseExactJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!LONG_NUMBER.test(text)) return value;
  const marked = text.replace(TEXT_OR_NUMBER, (token) =>
    /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? JSON.stringify(`${MARK}${token}`) : token,
  );
  return marked === text ? value : JSON.parse(marked, wholeNumber);
}

const wholeNumber = (_: string, value: unknown): unknown =>
  typeof value === 'string' && value.startsWith(MARK) && /^-?\d+$/.test(value.slice(MARK.length))
    ? BigInt(value.slice(MARK.length))
    : value;

/** JSON of a value that `parseExactJson` has read, with the same digits. */
export const exactJsonText = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${MARK}${String(inner)}` : inner)).replace(
    /"\\u0000whole (-?\d+)"/g,
    '$1',
  );
