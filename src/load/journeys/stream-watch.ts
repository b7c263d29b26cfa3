/** The format of events in a stream: server-sent events (HTML, 9.2), or one per line, as in NDJSON. */
export type StreamKind = 'events' | 'lines';

/** When parts of a stream arrived, in milliseconds after the request was written. */
export interface StreamTimes {
  /** Null when no byte of the body arrived. */
  readonly firstByteMs: number | null;
  /** Null when no event arrived. */
  readonly firstEventMs: number | null;
  readonly events: number;
}

const LF = 10;
const CR = 13;
const COLON = 58;
/**
 * The field of a server-sent event without which a browser tells nobody of it, as of one that only says `retry: 3000`.
 */
const DATA = Buffer.from('data');
/** A byte order mark may stand before the first line. */
const MARK = [0xef, 0xbb, 0xbf];

/** Of a line: at its beginning, in the name of its field while that is the beginning of `data`, or behind it. */
const AT_START = 0;
const IN_NAME = 1;
const IN_LINE = 2;

/**
 * Finds the events in a body as its bytes come, in whatever pieces. It keeps none of them.
 *
 * A server-sent event has a line of data and ends with an empty line; line ends are LF, CR, or both. A block of
 * comments alone, as is sent to keep a connection open, is none. In a stream of lines every line that is not empty is
 * one.
 */
export class StreamWatch {
  readonly #kind: StreamKind;
  readonly #now: () => number;
  readonly #onGap: (ms: number) => void;
  #beganMs = 0;
  #firstByteMs: number | null = null;
  #firstEventMs: number | null = null;
  #lastEventMs = 0;
  #events = 0;
  #state = AT_START;
  #afterCr = false;
  /** How many letters of `data` the name of the field has so far. */
  #letters = 0;
  /** How many bytes of a byte order mark have come at the very beginning; -1 when there is none any more. */
  #marked = 0;
  /** The block that is being read has data. */
  #hasData = false;

  /**
   * @param now in milliseconds.
   * @param onGap is given the time between one event and the next.
   */
  constructor(kind: StreamKind, now: () => number, onGap: (ms: number) => void) {
    this.#kind = kind;
    this.#now = now;
    this.#onGap = onGap;
  }

  /** A request is written. */
  begin(): void {
    this.#beganMs = this.#now();
    this.#firstByteMs = null;
    this.#firstEventMs = null;
    this.#events = 0;
    this.#state = AT_START;
    this.#afterCr = false;
    this.#letters = 0;
    this.#marked = 0;
    this.#hasData = false;
  }

  /** Reads the bytes from `start` to before `end`, which have just arrived. */
  add(bytes: Uint8Array, start: number, end: number): void {
    const ms = this.#now();
    this.#firstByteMs ??= ms - this.#beganMs;
    for (let at = start; at < end; at++) this.#read(bytes[at] ?? 0, ms);
  }

  get times(): StreamTimes {
    return { firstByteMs: this.#firstByteMs, firstEventMs: this.#firstEventMs, events: this.#events };
  }

  /** The body has come to its end: its last line may have no line end. A server-sent event that is cut off is none. */
  end(): void {
    if (this.#kind === 'lines' && this.#state !== AT_START) this.#endLine(this.#now());
  }

  #read(byte: number, ms: number): void {
    if (this.#marked >= 0 && this.#isMark(byte)) return;
    // The second byte of a line end.
    const isRest = byte === LF && this.#afterCr;
    this.#afterCr = byte === CR;
    if (isRest) return;
    if (byte === LF || byte === CR) {
      this.#endLine(ms);
      return;
    }
    if (this.#state === IN_LINE) return;
    if (this.#state === AT_START) this.#letters = 0;
    if (byte === DATA[this.#letters]) {
      this.#state = IN_NAME;
      this.#letters += 1;
      return;
    }
    if (byte === COLON && this.#letters === DATA.length) this.#hasData = true;
    this.#state = IN_LINE;
  }

  #isMark(byte: number): boolean {
    const isNext = byte === MARK[this.#marked];
    this.#marked = isNext && this.#marked + 1 < MARK.length ? this.#marked + 1 : -1;
    return isNext;
  }

  #endLine(ms: number): void {
    const isEmpty = this.#state === AT_START;
    // A field may be its name alone.
    if (this.#state === IN_NAME && this.#letters === DATA.length) this.#hasData = true;
    this.#state = AT_START;
    if (this.#kind === 'lines' ? isEmpty : !(isEmpty && this.#hasData)) return;
    if (isEmpty) this.#hasData = false;
    this.#tell(ms);
  }

  #tell(ms: number): void {
    this.#events += 1;
    if (this.#firstEventMs === null) this.#firstEventMs = ms - this.#beganMs;
    else this.#onGap(ms - this.#lastEventMs);
    this.#lastEventMs = ms;
  }
}
