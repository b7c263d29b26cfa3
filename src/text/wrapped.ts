/** What must stay on one line to be pasted: a span in backticks, and a command after a colon. Otherwise a word. */
const PIECES = /`[^`]+`\S*|(?<=: )(?:sudo|docker|kubectl|helm|npx|unset) .*?(?:\.(?=\s[A-Z])|$)|\S+/g;

/** A line that is there to be pasted, or shows the output of a command. */
const WHOLE = /^(?:\s|Try: |More: )/;

/**
 * Wraps words at a width. A longer word, and a command within the text, gets its own line and is never broken.
 *
 * @param width in columns.
 */
export function wrapWords(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const piece of text.match(PIECES) ?? []) {
    const last = lines.at(-1);
    if (last === undefined || lengthOf(last) + 1 + lengthOf(piece) > width) lines.push(piece);
    else lines[lines.length - 1] = `${last} ${piece}`;
  }
  return lines;
}

/**
 * Wraps each line of a text that is too long, except lines to paste: those that are indented, or begin with `Try:` or
 * `More:`.
 */
export const wrapLines = (text: string, width: number): string =>
  text
    .split('\n')
    .flatMap((line) => (lengthOf(line) <= width || WHOLE.test(line) ? [line] : wrapWords(line, width)))
    .join('\n');

const lengthOf = (text: string): number => Array.from(text).length;
