/** A place in a text, for people: both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A place in a text, for the scanner: all count from 0, and characters outside the basic plane count once. */
export interface Mark {
  readonly index: number;
  readonly line: number;
  readonly column: number;
}

/** What makes a text no YAML, and where. */
export class YamlError extends Error {
  override readonly name = 'YamlError';

  readonly what: string;
  readonly place: Place;

  /** @param what the fault, in the words of libyaml, which people search for. */
  constructor(what: string, place: Place) {
    super(`line ${String(place.line)}, column ${String(place.column)}: ${what}`);
    this.what = what;
    this.place = place;
  }
}

export const yamlError = (what: string, mark: Mark): YamlError =>
  new YamlError(what, { line: mark.line + 1, column: mark.column + 1 });

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const NEXT_LINE = 0x85;
const LINE_SEPARATOR = 0x2028;
const PARAGRAPH_SEPARATOR = 0x2029;
const BYTE_ORDER_MARK = 0xfeff;

const isBreakCode = (code: number): boolean =>
  code === LINE_FEED ||
  code === CARRIAGE_RETURN ||
  code === NEXT_LINE ||
  code === LINE_SEPARATOR ||
  code === PARAGRAPH_SEPARATOR;

const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;

/** Everything that no YAML text may hold unescaped. */
const CONTROL = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** Goes through a text once, and knows at which line and column it is. */
export class Cursor {
  readonly text: string;
  #position = 0;
  #index = 0;
  #line = 0;
  #column = 0;

  /** @throws YamlError for a text with a control character. */
  constructor(text: string) {
    this.text = text;
    const control = CONTROL.exec(text);
    if (control !== null) {
      const before = text.slice(0, control.index).split('\n');
      const column = (before.at(-1) ?? '').length + 1;
      throw new YamlError('control characters are not allowed', { line: before.length, column });
    }
    if (text.charCodeAt(0) === BYTE_ORDER_MARK) this.#position = 1;
  }

  get mark(): Mark {
    return { index: this.#index, line: this.#line, column: this.#column };
  }
  get index(): number {
    return this.#index;
  }
  get line(): number {
    return this.#line;
  }
  get column(): number {
    return this.#column;
  }
  /** In the units of JavaScript's texts, for `since`. */
  get position(): number {
    return this.#position;
  }

  /** The character so far ahead; an empty text after the end. */
  peek(ahead = 0): string {
    return this.text.charAt(this.#position + ahead);
  }

  isEnd(ahead = 0): boolean {
    return this.#position + ahead >= this.text.length;
  }
  isSpace(): boolean {
    return this.#code(0) === SPACE;
  }
  isTab(): boolean {
    return this.#code(0) === TAB;
  }
  isBlank(ahead = 0): boolean {
    const code = this.#code(ahead);
    return code === SPACE || code === TAB;
  }
  isBreak(ahead = 0): boolean {
    return isBreakCode(this.#code(ahead));
  }
  isBreakOrEnd(ahead = 0): boolean {
    return this.isEnd(ahead) || this.isBreak(ahead);
  }
  isBlankOrEnd(ahead = 0): boolean {
    return this.isBlank(ahead) || this.isBreakOrEnd(ahead);
  }

  /** True where a line begins with `---` or `...` and nothing right behind it. */
  isDocumentIndicator(): boolean {
    if (this.#column !== 0) return false;
    const three = this.text.slice(this.#position, this.#position + 3);
    return (three === '---' || three === '...') && this.isBlankOrEnd(3);
  }

  #code(ahead: number): number {
    return this.text.charCodeAt(this.#position + ahead);
  }

  /** Goes over characters that are not line breaks. */
  skip(count = 1): void {
    for (let left = count; left > 0; left--) {
      this.#position += isHighSurrogate(this.#code(0)) ? 2 : 1;
      this.#index++;
      this.#column++;
    }
  }

  /** Goes over blanks. */
  skipBlanks(): void {
    while (this.isBlank()) this.skip();
  }

  /** Goes over a comment, if there is one, up to the end of its line. */
  skipComment(): void {
    if (this.peek() !== '#') return;
    while (!this.isBreakOrEnd()) this.skip();
  }

  /**
   * Goes over a line break.
   *
   * @returns what it stands for: `\n`, or the Unicode separator that it is; nothing where there is none.
   */
  readBreak(): string {
    if (!this.isBreak()) return '';
    const code = this.#code(0);
    const characters = code === CARRIAGE_RETURN && this.#code(1) === LINE_FEED ? 2 : 1;
    this.#position += characters;
    this.#index += characters;
    this.#column = 0;
    this.#line++;
    return code === LINE_SEPARATOR || code === PARAGRAPH_SEPARATOR ? String.fromCharCode(code) : '\n';
  }

  /** The text from a position to here. */
  since(position: number): string {
    return this.text.slice(position, this.#position);
  }

  /** Goes over all characters that match, one at a time. @returns them. */
  readWhile(pattern: RegExp): string {
    const start = this.#position;
    while (!this.isEnd() && pattern.test(this.peek())) this.skip();
    return this.since(start);
  }

  /** At the end of the text its last line counts as ended. */
  endLine(): void {
    if (this.#column === 0) return;
    this.#column = 0;
    this.#line++;
  }
}
