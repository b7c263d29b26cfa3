/**
 * http1/ is HTTP/1.1 as text and bytes: writing a request, and reading and judging an answer. It has no connection;
 * src/adapters/engine/ does.
 */

/** The bytes that the names and values of one header may have together, as in Node and undici. */
export const HEADER_LIMIT = 16 * 1024;
/** A header up to this size is remembered, to know it again. */
const REMEMBERED_BYTES = 1024;
/** Longest value of a field that decides the framing; it holds a number or a few words. */
const VALUE_LIMIT = 256;

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const DOT = 46;
const ZERO = 48;
const COLON = 58;
const SEMICOLON = 59;

/** Where the next byte belongs. Constants rather than a union of strings: they are compared for each byte. */
const START = 0;
const PROTOCOL = 1;
const MAJOR = 2;
const VERSION_DOT = 3;
const MINOR = 4;
const VERSION_END = 5;
const STATUS = 6;
const STATUS_END = 7;
const REASON = 8;
const STATUS_LINE_LF = 9;
const LINE_START = 10;
const NAME = 11;
const VALUE_START = 12;
const VALUE = 13;
const VALUE_LF = 14;
const HEADER_LF = 15;
const BODY_OF_LENGTH = 16;
const BODY_UNTIL_CLOSE = 17;
const CHUNK_SIZE_START = 18;
const CHUNK_SIZE = 19;
const CHUNK_SIZE_BLANK = 20;
const CHUNK_EXTENSION = 21;
const CHUNK_SIZE_LF = 22;
const CHUNK_DATA = 23;
const CHUNK_DATA_CR = 24;
const CHUNK_DATA_LF = 25;
const COMPLETE = 26;
const MALFORMED = 27;

/** The fields that decide where an answer ends and what happens to its connection. */
const OTHER = 0;
const CONNECTION = 1;
const CONTENT_LENGTH = 2;
const TRANSFER_ENCODING = 3;
/** By the length of the name: no two have the same. */
const FRAMING_FIELDS = new Map([
  framingField('connection', CONNECTION),
  framingField('content-length', CONTENT_LENGTH),
  framingField('proxy-connection', CONNECTION),
  framingField('transfer-encoding', TRANSFER_ENCODING),
]);
/** A power of two above the longest of these names. */
const NAME_BYTES = 32;
const KEEP_ALIVE = Buffer.from('keep-alive');
const CLOSE = Buffer.from('close');
const CHUNKED = Buffer.from('chunked');

const HTTP = Buffer.from('HTTP/');
/** Known versions as 10 · major + minor. HTTP/1.1 alone keeps its connection unless told otherwise. */
const VERSIONS: readonly number[] = [9, 10, 11, 20];
const HTTP_1_1 = 11;

/** The bytes of a field name (RFC 9110, 5.6.2: token), each as its lower case; 0 for all others. */
const TOKEN = new Uint8Array(256);
for (const byte of Buffer.from("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")) TOKEN[byte] = byte;
for (const byte of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ')) TOKEN[byte] = byte | 0x20;

/** 1 for the bytes of a field value (RFC 9110, 5.5): visible ASCII, space, tab and 0x80 to 0xff. */
const FIELD_VALUE = new Uint8Array(256).fill(1, SPACE);
FIELD_VALUE[TAB] = 1;
FIELD_VALUE[0x7f] = 0;

/** The value of a hexadecimal digit; 255 for all other bytes. */
const HEX = new Uint8Array(256).fill(255);
Buffer.from('0123456789abcdef').forEach((byte, value) => (HEX[byte] = value));
Buffer.from('0123456789ABCDEF').forEach((byte, value) => (HEX[byte] = value));

/**
 * Reads the answers of one HTTP/1.1 connection (RFC 9112) from bytes that come in any pieces. It
 * keeps nothing of the body and allocates nothing in the common case.
 *
 * It accepts what llhttp, as undici runs it, accepts, and refuses what that refuses, except:
 * an interim 100 is skipped like any other 1xx (RFC 9110, 15.2), 204 and 304 have no body whatever
 * their header says (RFC 9112, 6.3), extensions of chunks are skipped unread (7.1.1), a tab is
 * white space like a blank, and a length may go on in a line of blanks although a blank precedes it
 * (5.2). Malformed are, too: a bare CR, a name that is empty or has a blank, a chunk that no line end
 * follows, any 101 (nobody asked for another protocol), and a length above 2^53.
 */
export class ResponseParser {
  /** Status code of the answer, once `complete`. */
  status = 0;
  /** Bytes of the body so far. */
  bodyBytes = 0;
  /** Whether the connection may carry another answer, once `complete`. */
  keepAlive = false;
  readonly #onBody: (bytes: Uint8Array, start: number, end: number) => void;
  readonly #name = new Uint8Array(NAME_BYTES);
  readonly #value = new Uint8Array(VALUE_LIMIT);
  /** The last header that came in one piece; its meaning is still in the fields below. */
  readonly #lastHeader = new Uint8Array(REMEMBERED_BYTES);
  #lastHeaderLength = 0;
  #state = START;
  #toHead = false;
  #version = 0;
  /** Bytes of the literal, number or name that have been read. */
  #position = 0;
  #field = OTHER;
  #valueLength = 0;
  #headerBytes = 0;
  /** -1 without Content-Length. */
  #contentLength = -1;
  #hasTransferEncoding = false;
  #chunked = false;
  #saysClose = false;
  #saysKeepAlive = false;
  /** In the fields after the last chunk, which decide nothing. */
  #inTrailer = false;
  /** Bytes that are left of the body or chunk. */
  #remaining = 0;

  /** @param onBody is given each piece of a body: the bytes from `start` to before `end`, valid during the call. */
  constructor(onBody: (bytes: Uint8Array, start: number, end: number) => void) {
    this.#onBody = onBody;
  }

  /** True when a whole answer was read. */
  get complete(): boolean {
    return this.#state === COMPLETE;
  }

  /** True when the bytes are not HTTP; nothing that follows on the connection can be read. */
  get malformed(): boolean {
    return this.#state === MALFORMED;
  }

  /** Makes ready for the next answer. `toHead`: the request was HEAD, so that it has no body. */
  begin(toHead = false): void {
    this.#toHead = toHead;
    this.bodyBytes = 0;
    this.#state = START;
  }

  /**
   * Reads the bytes from `start` to before `end` until the answer is complete or malformed.
   *
   * @returns the index after the last byte read; later bytes do not belong to this answer.
   */
  read(bytes: Uint8Array, start: number, end: number): number {
    let at = this.#state === START ? this.#readKnownHeader(bytes, start, end) : start;
    while (at < end && this.#state < COMPLETE) {
      if (this.#state < BODY_OF_LENGTH) at = this.#readHeader(bytes, at, end);
      else if (this.#state < CHUNK_SIZE_START || this.#state === CHUNK_DATA) at = this.#readBody(bytes, at, end);
      else at = this.#readChunkLine(bytes, at, end);
    }
    return at;
  }

  /** The connection has ended: this completes an answer without a length. */
  end(): void {
    if (this.#state === BODY_UNTIL_CLOSE) this.#state = COMPLETE;
  }

  /**
   * Servers send the same header again and again, but for the date once a second. One that is the
   * last one byte for byte means the same, and comparing is several times faster than reading.
   *
   * @returns the index after the header, or `start` when it is another one.
   */
  #readKnownHeader(bytes: Uint8Array, start: number, end: number): number {
    const length = this.#lastHeaderLength;
    if (length > 0 && end - start >= length && startsWith(bytes, start, this.#lastHeader, length)) {
      this.#beginBody();
      return start + length;
    }
    this.#lastHeaderLength = 0;
    const at = this.#readHeader(bytes, start, end);
    const isWhole = this.#state >= BODY_OF_LENGTH && this.#state !== MALFORMED;
    if (isWhole && at - start <= REMEMBERED_BYTES) {
      this.#lastHeader.set(bytes.subarray(start, at));
      this.#lastHeaderLength = at - start;
    }
    return at;
  }

  #readHeader(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && this.#state < BODY_OF_LENGTH) {
      at = this.#state < LINE_START ? this.#readStatusLine(bytes, at, end) : this.#readFields(bytes, at, end);
    }
    return at;
  }

  #beginHeader(): void {
    this.status = 0;
    this.#headerBytes = 0;
    this.#contentLength = -1;
    this.#hasTransferEncoding = false;
    this.#chunked = false;
    this.#saysClose = false;
    this.#saysKeepAlive = false;
    this.#inTrailer = false;
    this.#field = OTHER;
  }

  #readStatusLine(bytes: Uint8Array, start: number, end: number): number {
    let state = this.#state;
    let at = start;
    while (at < end && state < REASON) {
      state = this.#statusLineByte(state, bytes[at++] ?? 0);
    }
    if (state === REASON) {
      while (at < end && bytes[at] !== CR && bytes[at] !== LF) at++;
    }
    if (at < end && state < LINE_START) state = this.#statusLineByte(state, bytes[at++] ?? 0);
    this.#state = state;
    return at;
  }

  #statusLineByte(state: number, byte: number): number {
    switch (state) {
      case START:
        if (byte === CR || byte === LF) return START;
        this.#beginHeader();
        this.#position = 1;
        return byte === HTTP[0] ? PROTOCOL : MALFORMED;
      case PROTOCOL:
        if (byte !== HTTP[this.#position++]) return MALFORMED;
        return this.#position === HTTP.length ? MAJOR : PROTOCOL;
      case MAJOR:
        this.#version = 10 * (byte - ZERO);
        return isDigit(byte) ? VERSION_DOT : MALFORMED;
      case VERSION_DOT:
        return byte === DOT ? MINOR : MALFORMED;
      case MINOR:
        this.#version += byte - ZERO;
        return isDigit(byte) && VERSIONS.includes(this.#version) ? VERSION_END : MALFORMED;
      case VERSION_END:
        this.#position = 0;
        return byte === SPACE ? STATUS : MALFORMED;
      case STATUS:
        this.status = 10 * this.status + byte - ZERO;
        if (!isDigit(byte)) return MALFORMED;
        return ++this.#position === 3 ? STATUS_END : STATUS;
      case STATUS_END:
        if (this.status < 100) return MALFORMED;
        if (byte === SPACE) return REASON;
        return endOfStatusLine(byte, MALFORMED);
      case REASON:
        return endOfStatusLine(byte, REASON);
      default:
        return byte === LF ? LINE_START : MALFORMED;
    }
  }

  #readFields(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && this.#state >= LINE_START && this.#state < BODY_OF_LENGTH) {
      if (this.#state === NAME) at = this.#readName(bytes, at, end);
      else if (this.#state === VALUE_START) at = this.#startValue(bytes, at, end);
      else if (this.#state === VALUE) at = this.#readValue(bytes, at, end);
      else at = this.#readLineEnd(bytes, at);
    }
    if (this.#headerBytes >= HEADER_LIMIT) this.#state = MALFORMED;
    return at;
  }

  #readLineEnd(bytes: Uint8Array, at: number): number {
    const byte = bytes[at] ?? 0;
    if (this.#state === LINE_START) return this.#startLine(byte, at);
    if (byte !== LF) this.#state = MALFORMED;
    else if (this.#state === VALUE_LF) this.#state = LINE_START;
    else this.#endHeader();
    return at + 1;
  }

  /** Looks at the first byte of a line; that of a name is left to be read with the others. */
  #startLine(byte: number, at: number): number {
    if (isBlank(byte)) {
      this.#continueField();
      return at + 1;
    }
    if (this.#field !== OTHER) this.#endField();
    if (this.#state === MALFORMED) return at;
    if (byte === LF) {
      this.#endHeader();
      return at + 1;
    }
    this.#position = 0;
    this.#state = byte === CR ? HEADER_LF : NAME;
    return byte === CR ? at + 1 : at;
  }

  /** A line that starts with a blank continues the value before it (RFC 9112, 5.2). */
  #continueField(): void {
    this.#state = this.#headerBytes === 0 ? MALFORMED : VALUE_START;
    if (this.#field !== OTHER) this.#keepValueByte(SPACE);
  }

  #readName(bytes: Uint8Array, start: number, end: number): number {
    const name = this.#name;
    let position = this.#position;
    let at = start;
    for (; at < end; at++) {
      const lower = TOKEN[bytes[at] ?? 0] ?? 0;
      if (lower === 0) break;
      name[position++ & (NAME_BYTES - 1)] = lower;
    }
    this.#headerBytes += at - start;
    this.#position = position;
    if (at === end) return at;
    if (bytes[at] !== COLON || position === 0) {
      this.#state = MALFORMED;
      return at;
    }
    this.#field = this.#inTrailer ? OTHER : fieldOf(name, position);
    this.#valueLength = 0;
    return this.#startValue(bytes, at + 1, end);
  }

  #startValue(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && isBlank(bytes[at] ?? 0)) at++;
    this.#state = at < end ? VALUE : VALUE_START;
    return this.#readValue(bytes, at, end);
  }

  #readValue(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && FIELD_VALUE[bytes[at] ?? 0] === 1) at++;
    this.#headerBytes += at - start;
    if (this.#field !== OTHER) {
      for (let i = start; i < at; i++) this.#keepValueByte(bytes[i] ?? 0);
    }
    if (at === end || this.#state === MALFORMED) return at;
    this.#state = bytes[at] === CR ? VALUE_LF : MALFORMED;
    return at + 1;
  }

  #keepValueByte(byte: number): void {
    if (this.#valueLength < VALUE_LIMIT) this.#value[this.#valueLength++] = byte;
    else this.#state = MALFORMED;
  }

  /** Interprets a field that decides the framing. */
  #endField(): void {
    const field = this.#field;
    this.#field = OTHER;
    if (field === CONNECTION) this.#endConnection();
    else if (field === TRANSFER_ENCODING) this.#endTransferEncoding();
    else this.#endContentLength();
  }

  #endConnection(): void {
    if (this.#valueIs(KEEP_ALIVE)) {
      this.#saysKeepAlive = true;
    } else if (this.#valueIs(CLOSE)) {
      this.#saysClose = true;
    } else {
      const words = this.#valueWords();
      this.#saysClose ||= words.includes('close');
      this.#saysKeepAlive ||= words.includes('keep-alive');
    }
  }

  #endTransferEncoding(): void {
    this.#hasTransferEncoding = true;
    this.#chunked = this.#valueIs(CHUNKED) || this.#valueWords().at(-1) === 'chunked';
  }

  #valueIs(word: Uint8Array): boolean {
    if (this.#valueLength !== word.length) return false;
    for (let i = 0; i < word.length; i++) {
      if (TOKEN[this.#value[i] ?? 0] !== word[i]) return false;
    }
    return true;
  }

  /** The elements of a list (RFC 9110, 5.6.1) in lower case. */
  #valueWords(): string[] {
    const text = Buffer.from(this.#value.subarray(0, this.#valueLength)).toString('latin1').toLowerCase();
    return text
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== '');
  }

  #endContentLength(): void {
    const value = this.#value;
    let at = 0;
    while (at < this.#valueLength && isBlank(value[at] ?? 0)) at++;
    const start = at;
    let length = 0;
    for (; at < this.#valueLength && isDigit(value[at] ?? 0); at++) length = 10 * length + (value[at] ?? 0) - ZERO;
    const isNumber = at > start && length <= Number.MAX_SAFE_INTEGER;
    while (at < this.#valueLength && isBlank(value[at] ?? 0)) at++;
    // With two of them, or one that is not a number, nobody knows where the answer ends.
    if (!isNumber || at < this.#valueLength || this.#contentLength >= 0) this.#state = MALFORMED;
    this.#contentLength = length;
  }

  /** The framing of RFC 9112, 6.3. */
  #endHeader(): void {
    if (this.#inTrailer) this.#state = COMPLETE;
    else if (this.#hasTransferEncoding && this.#contentLength >= 0) this.#state = MALFORMED;
    else if (this.status === 101) this.#state = MALFORMED;
    else if (this.status < 200) this.#state = START;
    else this.#beginBody();
  }

  #beginBody(): void {
    const persistent = this.#version === HTTP_1_1 ? !this.#saysClose : this.#saysKeepAlive;
    this.#inTrailer = false;
    this.#remaining = Math.max(0, this.#contentLength);
    if (this.#toHead || this.status === 204 || this.status === 304 || this.#contentLength === 0) this.#state = COMPLETE;
    else if (this.#chunked) this.#state = CHUNK_SIZE_START;
    else this.#state = this.#contentLength > 0 ? BODY_OF_LENGTH : BODY_UNTIL_CLOSE;
    this.keepAlive = persistent && this.#state !== BODY_UNTIL_CLOSE;
  }

  #readBody(bytes: Uint8Array, start: number, end: number): number {
    const length = this.#state === BODY_UNTIL_CLOSE ? end - start : Math.min(end - start, this.#remaining);
    this.bodyBytes += length;
    this.#remaining -= length;
    this.#onBody(bytes, start, start + length);
    if (this.#remaining === 0) {
      if (this.#state === BODY_OF_LENGTH) this.#state = COMPLETE;
      else if (this.#state === CHUNK_DATA) this.#state = CHUNK_DATA_CR;
    }
    return start + length;
  }

  #readChunkLine(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && this.#state >= CHUNK_SIZE_START && this.#state < COMPLETE && this.#state !== CHUNK_DATA) {
      this.#state = this.#chunkLineByte(bytes[at++] ?? 0);
    }
    return at;
  }

  #chunkLineByte(byte: number): number {
    switch (this.#state) {
      case CHUNK_SIZE_START:
        this.#remaining = HEX[byte] ?? 255;
        return this.#remaining < 16 ? CHUNK_SIZE : MALFORMED;
      case CHUNK_SIZE:
        return this.#chunkSizeByte(byte);
      case CHUNK_SIZE_BLANK:
        return isBlank(byte) ? CHUNK_SIZE_BLANK : endOfChunkSize(byte);
      case CHUNK_EXTENSION:
        if (byte === CR) return CHUNK_SIZE_LF;
        return FIELD_VALUE[byte] === 1 ? CHUNK_EXTENSION : MALFORMED;
      case CHUNK_SIZE_LF:
        return byte === LF ? this.#startChunk() : MALFORMED;
      case CHUNK_DATA_CR:
        return byte === CR ? CHUNK_DATA_LF : MALFORMED;
      default:
        return byte === LF ? CHUNK_SIZE_START : MALFORMED;
    }
  }

  #chunkSizeByte(byte: number): number {
    const digit = HEX[byte] ?? 255;
    if (digit > 15) return isBlank(byte) ? CHUNK_SIZE_BLANK : endOfChunkSize(byte);
    this.#remaining = 16 * this.#remaining + digit;
    return this.#remaining <= Number.MAX_SAFE_INTEGER ? CHUNK_SIZE : MALFORMED;
  }

  #startChunk(): number {
    if (this.#remaining > 0) return CHUNK_DATA;
    this.#inTrailer = true;
    this.#headerBytes = 0;
    return LINE_START;
  }
}

const isDigit = (byte: number): boolean => byte >= ZERO && byte <= ZERO + 9;
const isBlank = (byte: number): boolean => byte === SPACE || byte === TAB;

/** A bare LF ends the status line, too (RFC 9112, 2.2). */
function endOfStatusLine(byte: number, otherwise: number): number {
  if (byte === LF) return LINE_START;
  return byte === CR ? STATUS_LINE_LF : otherwise;
}

function endOfChunkSize(byte: number): number {
  if (byte === SEMICOLON) return CHUNK_EXTENSION;
  return byte === CR ? CHUNK_SIZE_LF : MALFORMED;
}

function framingField(name: string, field: number): [length: number, { name: Uint8Array; field: number }] {
  return [name.length, { name: Buffer.from(name), field }];
}

function fieldOf(name: Uint8Array, length: number): number {
  const known = FRAMING_FIELDS.get(length);
  return known !== undefined && startsWith(name, 0, known.name, length) ? known.field : OTHER;
}

/** Whether the first `length` bytes of `prefix` stand in `bytes` at `start`. */
function startsWith(bytes: Uint8Array, start: number, prefix: Uint8Array, length: number): boolean {
  for (let i = 0; i < length; i++) {
    if (bytes[start + i] !== prefix[i]) return false;
  }
  return true;
}
