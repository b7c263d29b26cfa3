/** What no token holds. A longer word than this is none either. */
const BETWEEN_WORDS = /[\s"'`<>{}()[\],;&=]/;
const LONGEST_WORD = 500;

/**
 * The beginning of a text, of up to `length` characters. It ends between two words: of a token that was cut in two
 * nobody would know any more that it is one.
 */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  for (let end = length; end > Math.max(0, length - LONGEST_WORD); end -= 1)
    if (BETWEEN_WORDS.test(text.charAt(end))) return text.slice(0, end);
  return length < LONGEST_WORD ? '' : text.slice(0, length);
}
