import { Cursor, yamlError, type Mark } from './cursor.ts';
import { scanAnchor, scanDirective, scanTag } from './scan-properties.ts';
import { scanBlock, scanPlain, scanQuoted } from './scan-scalar.ts';
import type { PunctuationType, Token } from './tokens.ts';

/** How far behind its beginning the colon of a key without `?` may stand, in characters. */
const MAX_KEY_LENGTH = 1024;

/** A token that turns out to be a key when a colon follows it on its line. */
interface PossibleKey {
  possible: boolean;
  /** Nothing but a key may stand there. */
  required: boolean;
  readonly tokenNumber: number;
  readonly mark: Mark;
}

/**
 * Takes a YAML text apart into tokens.
 *
 * It follows the scanner of libyaml (Copyright (c) 2006-2010 Kirill Simonov, MIT License) in its version of go-yaml 2,
 * step by step, since what `kubectl` reads and refuses is what that scanner makes of a text, also where it differs
 * from the specification of YAML: a tab behind a dash, a key of more than 1024 characters, a plain text in a flow
 * that holds a question mark.
 */
export class Scanner {
  readonly #cursor: Cursor;
  readonly #tokens: Token[] = [];
  #head = 0;
  /** How many tokens were taken, so that each has a number. */
  #taken = 0;
  #available = false;
  #indent = -1;
  readonly #indents: number[] = [];
  #keyAllowed = true;
  #flowLevel = 0;
  /** One for each level of flow collections. */
  readonly #keys: PossibleKey[];
  readonly #keyLevels = new Map<number, number>();

  /** @throws YamlError for a text with a control character. */
  constructor(text: string) {
    this.#cursor = new Cursor(text);
    this.#keys = [{ possible: false, required: false, tokenNumber: 0, mark: this.#cursor.mark }];
  }

  /** The next token; the last one is `stream-end`. @throws YamlError */
  peek(): Token {
    if (!this.#available) this.#fetchTokens();
    this.#available = true;
    const token = this.#tokens[this.#head];
    if (token === undefined) throw new Error('no token was fetched');
    return token;
  }

  /** Goes on to the token after the one that was looked at. */
  take(): Token {
    const token = this.peek();
    this.#available = false;
    this.#taken++;
    this.#head++;
    return token;
  }

  /** A token is handed out only when it is known whether a key begins with it. */
  #fetchTokens(): void {
    for (;;) {
      if (this.#head < this.#tokens.length) {
        const level = this.#keyLevels.get(this.#taken);
        const key = level === undefined ? undefined : this.#keys[level];
        if (key === undefined || !this.#isStillPossible(key)) return;
      }
      this.#fetchToken();
    }
  }

  #fetchToken(): void {
    const cursor = this.#cursor;
    this.#skipToToken();
    this.#unrollIndent(cursor.column);
    if (cursor.isEnd()) {
      this.#fetchStreamEnd();
      return;
    }
    if (cursor.column === 0 && cursor.peek() === '%') {
      this.#fetchDirective();
      return;
    }
    if (cursor.isDocumentIndicator()) {
      this.#fetchDocumentIndicator();
      return;
    }
    const inFlow = this.#flowLevel > 0;
    const alone = cursor.isBlankOrEnd(1);
    switch (cursor.peek()) {
      case '[':
        this.#fetchFlowStart('flow-sequence-start');
        return;
      case '{':
        this.#fetchFlowStart('flow-mapping-start');
        return;
      case ']':
        this.#fetchFlowEnd('flow-sequence-end');
        return;
      case '}':
        this.#fetchFlowEnd('flow-mapping-end');
        return;
      case ',':
        this.#fetchFlowEntry();
        return;
      case '*':
        this.#fetchKeyLike(() => scanAnchor(cursor, 'alias'));
        return;
      case '&':
        this.#fetchKeyLike(() => scanAnchor(cursor, 'anchor'));
        return;
      case '!':
        this.#fetchKeyLike(() => scanTag(cursor));
        return;
      case "'":
      case '"':
        this.#fetchKeyLike(() => scanQuoted(cursor));
        return;
      case '-':
        if (alone) {
          this.#fetchBlockEntry();
          return;
        }
        break;
      case '?':
        if (inFlow || alone) {
          this.#fetchKey();
          return;
        }
        break;
      case ':':
        if (inFlow || alone) {
          this.#fetchValue();
          return;
        }
        break;
      case '|':
      case '>':
        if (!inFlow) {
          this.#fetchBlockScalar();
          return;
        }
        break;
    }
    // A plain text can't begin with any other indicator, nor with a tab.
    if (/^[\t#|>%@`]$/.test(cursor.peek())) throw yamlError('found character that cannot start any token', cursor.mark);
    this.#fetchPlain();
  }

  #skipToToken(): void {
    const cursor = this.#cursor;
    for (;;) {
      // A tab must not indent what could be a key.
      while (cursor.isSpace() || (cursor.isTab() && (this.#flowLevel > 0 || !this.#keyAllowed))) cursor.skip();
      cursor.skipComment();
      if (!cursor.isBreak()) return;
      cursor.readBreak();
      if (this.#flowLevel === 0) this.#keyAllowed = true;
    }
  }

  #push(token: Token): void {
    this.#tokens.push(token);
  }

  /** @param number how many tokens were taken or stand before it. */
  #insert(number: number, token: Token): void {
    this.#tokens.splice(this.#head + number - this.#taken, 0, token);
  }

  #pushPunctuation(type: PunctuationType, length = 1): void {
    const { mark } = this.#cursor;
    this.#cursor.skip(length);
    this.#push({ type, mark });
  }

  #nextNumber(): number {
    return this.#taken + this.#tokens.length - this.#head;
  }

  #isStillPossible(key: PossibleKey): boolean {
    if (!key.possible) return false;
    const { line, index } = this.#cursor;
    if (key.mark.line === line && key.mark.index + MAX_KEY_LENGTH >= index) return true;
    this.#refuseRequired(key);
    key.possible = false;
    return false;
  }

  #refuseRequired(key: PossibleKey): void {
    if (key.required) throw yamlError("could not find expected ':'", key.mark);
  }

  #currentKey(): PossibleKey {
    const key = this.#keys.at(-1);
    if (key === undefined) throw new Error('there is one key for each level');
    return key;
  }

  #saveKey(): void {
    if (!this.#keyAllowed) return;
    const { mark } = this.#cursor;
    const key = {
      possible: true,
      required: this.#flowLevel === 0 && this.#indent === mark.column,
      tokenNumber: this.#nextNumber(),
      mark,
    };
    this.#removeKey();
    this.#keys[this.#keys.length - 1] = key;
    this.#keyLevels.set(key.tokenNumber, this.#keys.length - 1);
  }

  #removeKey(): void {
    const key = this.#currentKey();
    if (!key.possible) return;
    this.#refuseRequired(key);
    key.possible = false;
    this.#keyLevels.delete(key.tokenNumber);
  }

  /** Begins a block where a token stands further to the right than those around it. */
  #rollIndent(type: 'block-sequence-start' | 'block-mapping-start', mark: Mark, number?: number): void {
    if (this.#flowLevel > 0 || this.#indent >= mark.column) return;
    this.#indents.push(this.#indent);
    this.#indent = mark.column;
    if (number === undefined) this.#push({ type, mark });
    else this.#insert(number, { type, mark });
  }

  /** Ends the blocks that a token stands to the left of. */
  #unrollIndent(column: number): void {
    if (this.#flowLevel > 0) return;
    while (this.#indent > column) {
      this.#push({ type: 'block-end', mark: this.#cursor.mark });
      this.#indent = this.#indents.pop() ?? -1;
    }
  }

  #fetchStreamEnd(): void {
    this.#cursor.endLine();
    this.#unrollIndent(-1);
    this.#removeKey();
    this.#keyAllowed = false;
    this.#push({ type: 'stream-end', mark: this.#cursor.mark });
  }

  #fetchDirective(): void {
    this.#unrollIndent(-1);
    this.#removeKey();
    this.#keyAllowed = false;
    this.#push(scanDirective(this.#cursor));
  }

  #fetchDocumentIndicator(): void {
    this.#unrollIndent(-1);
    this.#removeKey();
    this.#keyAllowed = false;
    this.#pushPunctuation(this.#cursor.peek() === '-' ? 'document-start' : 'document-end', 3);
  }

  #fetchFlowStart(type: 'flow-sequence-start' | 'flow-mapping-start'): void {
    this.#saveKey();
    this.#keys.push({ possible: false, required: false, tokenNumber: this.#nextNumber(), mark: this.#cursor.mark });
    this.#flowLevel++;
    this.#keyAllowed = true;
    this.#pushPunctuation(type);
  }

  #fetchFlowEnd(type: 'flow-sequence-end' | 'flow-mapping-end'): void {
    this.#removeKey();
    if (this.#flowLevel > 0) {
      this.#flowLevel--;
      this.#keyLevels.delete(this.#currentKey().tokenNumber);
      this.#keys.pop();
    }
    this.#keyAllowed = false;
    this.#pushPunctuation(type);
  }

  #fetchFlowEntry(): void {
    this.#removeKey();
    this.#keyAllowed = true;
    this.#pushPunctuation('flow-entry');
  }

  #fetchBlockEntry(): void {
    // In a flow the parser refuses it.
    if (this.#flowLevel === 0) {
      const { mark } = this.#cursor;
      if (!this.#keyAllowed) throw yamlError('block sequence entries are not allowed in this context', mark);
      this.#rollIndent('block-sequence-start', mark);
    }
    this.#removeKey();
    this.#keyAllowed = true;
    this.#pushPunctuation('block-entry');
  }

  #fetchKey(): void {
    if (this.#flowLevel === 0) {
      const { mark } = this.#cursor;
      if (!this.#keyAllowed) throw yamlError('mapping keys are not allowed in this context', mark);
      this.#rollIndent('block-mapping-start', mark);
    }
    this.#removeKey();
    this.#keyAllowed = this.#flowLevel === 0;
    this.#pushPunctuation('key');
  }

  #fetchValue(): void {
    const key = this.#currentKey();
    if (this.#isStillPossible(key)) {
      this.#insert(key.tokenNumber, { type: 'key', mark: key.mark });
      this.#rollIndent('block-mapping-start', key.mark, key.tokenNumber);
      key.possible = false;
      this.#keyLevels.delete(key.tokenNumber);
      this.#keyAllowed = false;
    } else {
      if (this.#flowLevel === 0) {
        const { mark } = this.#cursor;
        if (!this.#keyAllowed) throw yamlError('mapping values are not allowed in this context', mark);
        this.#rollIndent('block-mapping-start', mark);
      }
      this.#keyAllowed = this.#flowLevel === 0;
    }
    this.#pushPunctuation('value');
  }

  /** What may be a key itself, but after which no other may begin on its line. */
  #fetchKeyLike(scan: () => Token): void {
    this.#saveKey();
    this.#keyAllowed = false;
    this.#push(scan());
  }

  #fetchBlockScalar(): void {
    this.#removeKey();
    this.#keyAllowed = true;
    this.#push(scanBlock(this.#cursor, this.#indent));
  }

  #fetchPlain(): void {
    this.#saveKey();
    this.#keyAllowed = false;
    const { token, brokeLine } = scanPlain(this.#cursor, this.#indent + 1, this.#flowLevel > 0);
    this.#push(token);
    if (brokeLine) this.#keyAllowed = true;
  }
}
