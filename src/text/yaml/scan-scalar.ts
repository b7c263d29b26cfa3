import { yamlError, type Cursor } from './cursor.ts';
import type { ScalarToken } from './tokens.ts';

/** Line breaks inside a text that goes over several lines: one becomes a space, more than one lose the first. */
const folded = (first: string, others: string): string => (first === '\n' ? others || ' ' : first + others);

/**
 * Scans a plain scalar.
 *
 * @param indent the column that later lines must reach in the block context.
 * @returns the token, and whether line breaks followed it, after which a key may begin.
 */
export function scanPlain(cursor: Cursor, indent: number, inFlow: boolean): { token: ScalarToken; brokeLine: boolean } {
  const { mark } = cursor;
  let value = '';
  let whitespace = '';
  let firstBreak = '';
  let laterBreaks = '';
  let brokeLine = false;
  while (!cursor.isDocumentIndicator() && cursor.peek() !== '#') {
    const start = cursor.position;
    while (!cursor.isBlankOrEnd() && !endsPlain(cursor, inFlow)) cursor.skip();
    if (cursor.position > start) {
      value += (brokeLine ? folded(firstBreak, laterBreaks) : whitespace) + cursor.since(start);
      [whitespace, firstBreak, laterBreaks, brokeLine] = ['', '', '', false];
    }
    if (!cursor.isBlank() && !cursor.isBreak()) break;

    while (cursor.isBlank() || cursor.isBreak()) {
      if (cursor.isBreak()) {
        whitespace = '';
        if (brokeLine) laterBreaks += cursor.readBreak();
        else firstBreak = cursor.readBreak();
        brokeLine = true;
        continue;
      }
      if (brokeLine && cursor.column < indent && cursor.isTab()) {
        throw yamlError('found a tab character that violates indentation', cursor.mark);
      }
      if (!brokeLine) whitespace += cursor.peek();
      cursor.skip();
    }
    if (!inFlow && cursor.column < indent) break;
  }
  return { token: { type: 'scalar', mark, value, plain: true }, brokeLine };
}

const endsPlain = (cursor: Cursor, inFlow: boolean): boolean =>
  (cursor.peek() === ':' && cursor.isBlankOrEnd(1)) || (inFlow && ',?[]{}'.includes(cursor.peek()));

/** Scans a text in single or double quotes. */
export function scanQuoted(cursor: Cursor): ScalarToken {
  const { mark } = cursor;
  const quote = cursor.peek();
  cursor.skip();
  let value = '';
  for (;;) {
    if (cursor.isDocumentIndicator()) throw yamlError('found unexpected document indicator', cursor.mark);
    if (cursor.isEnd()) throw yamlError('found unexpected end of stream in a quoted text', mark);
    const part = scanQuotedPart(cursor, quote);
    value += part.text;
    if (cursor.peek() === quote) break;
    value += scanQuotedGap(cursor, part.lineEscaped);
  }
  cursor.skip();
  return { type: 'scalar', mark, value, plain: false };
}

/** Up to a blank, a break or the closing quote; `lineEscaped` when a backslash has taken the line break away. */
function scanQuotedPart(cursor: Cursor, quote: string): { text: string; lineEscaped: boolean } {
  let text = '';
  while (!cursor.isBlankOrEnd()) {
    if (cursor.peek() === quote) {
      if (quote !== "'" || cursor.peek(1) !== "'") break;
      text += "'";
      cursor.skip(2);
    } else if (quote === '"' && cursor.peek() === '\\') {
      if (cursor.isBreak(1)) {
        cursor.skip();
        cursor.readBreak();
        return { text, lineEscaped: true };
      }
      text += scanEscape(cursor);
    } else {
      const start = cursor.position;
      cursor.skip();
      text += cursor.since(start);
    }
  }
  return { text, lineEscaped: false };
}

/** Blanks and breaks between two parts of a quoted text, folded. */
function scanQuotedGap(cursor: Cursor, lineEscaped: boolean): string {
  let whitespace = '';
  let firstBreak = '';
  let laterBreaks = '';
  let brokeLine = lineEscaped;
  while (cursor.isBlank() || cursor.isBreak()) {
    if (cursor.isBreak()) {
      if (brokeLine) laterBreaks += cursor.readBreak();
      else firstBreak = cursor.readBreak();
      brokeLine = true;
    } else {
      if (!brokeLine) whitespace += cursor.peek();
      cursor.skip();
    }
  }
  if (!brokeLine) return whitespace;
  return firstBreak === '' ? laterBreaks : folded(firstBreak, laterBreaks);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  "'": "'",
  '\\': '\\',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
};

/** How many hexadecimal digits follow. */
const CODE_LENGTHS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

function scanEscape(cursor: Cursor): string {
  const { mark } = cursor;
  const letter = cursor.peek(1);
  const simple = ESCAPES[letter];
  const length = CODE_LENGTHS[letter];
  if (simple === undefined && length === undefined) throw yamlError('found unknown escape character', mark);
  cursor.skip(2);
  if (length === undefined) return simple ?? '';
  const digits = cursor.text.slice(cursor.position, cursor.position + length);
  if (digits.length < length || !/^[\da-fA-F]+$/.test(digits)) {
    throw yamlError('did not find expected hexdecimal number', mark);
  }
  const code = Number.parseInt(digits, 16);
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) {
    throw yamlError('found invalid Unicode character escape code', mark);
  }
  cursor.skip(length);
  return String.fromCodePoint(code);
}

/**
 * Scans a literal (`|`) or folded (`>`) text.
 *
 * @param parentIndent the column of the block that it stands in; -1 outside of any.
 */
export function scanBlock(cursor: Cursor, parentIndent: number): ScalarToken {
  const { mark } = cursor;
  const literal = cursor.peek() === '|';
  cursor.skip();
  const { chomping, increment } = scanBlockHeader(cursor);
  const body = new BlockBody(cursor, parentIndent, increment);

  let value = '';
  let lineBreak = '';
  let afterBlank = false;
  let breaks = body.skipToText();
  while (cursor.column === body.indent && !cursor.isEnd()) {
    const blank = cursor.isBlank();
    value += !literal && lineBreak === '\n' && !afterBlank && !blank ? breaks || ' ' : lineBreak + breaks;
    afterBlank = blank;
    const start = cursor.position;
    while (!cursor.isBreakOrEnd()) cursor.skip();
    value += cursor.since(start);
    lineBreak = cursor.readBreak();
    breaks = body.skipToText();
  }
  if (chomping !== '-') value += lineBreak;
  if (chomping === '+') value += breaks;
  return { type: 'scalar', mark, value, plain: false };
}

/**
 * What follows `|` or `>` up to the end of its line: how its end is cut, and how far it is indented, in either order.
 */
function scanBlockHeader(cursor: Cursor): { chomping: string; increment: number } {
  let chomping = '';
  let increment = 0;
  const takeChomping = (): void => {
    if (cursor.peek() !== '+' && cursor.peek() !== '-') return;
    chomping = cursor.peek();
    cursor.skip();
  };
  takeChomping();
  if (/^\d$/.test(cursor.peek())) {
    if (cursor.peek() === '0') throw yamlError('found an indentation indicator equal to 0', cursor.mark);
    increment = Number(cursor.peek());
    cursor.skip();
    if (chomping === '') takeChomping();
  }
  cursor.skipBlanks();
  cursor.skipComment();
  if (!cursor.isBreakOrEnd()) throw yamlError('did not find expected comment or line break', cursor.mark);
  cursor.readBreak();
  return { chomping, increment };
}

/** The lines of a block text, whose indentation may have to be found out from its first one. */
class BlockBody {
  /** The column at which its lines begin; 0 until it is known. */
  indent: number;
  readonly #cursor: Cursor;
  readonly #parentIndent: number;

  constructor(cursor: Cursor, parentIndent: number, increment: number) {
    this.#cursor = cursor;
    this.#parentIndent = parentIndent;
    this.indent = increment === 0 ? 0 : Math.max(parentIndent, 0) + increment;
  }

  /** Goes over indentation and empty lines. @returns their breaks. */
  skipToText(): string {
    const cursor = this.#cursor;
    let breaks = '';
    let widest = 0;
    for (;;) {
      while (this.#isIndentation() && cursor.isSpace()) cursor.skip();
      widest = Math.max(widest, cursor.column);
      if (this.#isIndentation() && cursor.isTab()) {
        throw yamlError('found a tab character where an indentation space is expected', cursor.mark);
      }
      if (!cursor.isBreak()) break;
      breaks += cursor.readBreak();
    }
    if (this.indent === 0) this.indent = Math.max(widest, this.#parentIndent + 1, 1);
    return breaks;
  }

  #isIndentation(): boolean {
    return this.indent === 0 || this.#cursor.column < this.indent;
  }
}
