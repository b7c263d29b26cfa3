/** How events stand in a stream: those of server-sent events (HTML, 9.2), or one a line, as in NDJSON. */
export type StreamKind = 'events' | 'lines';

/** When what of a stream came, in milliseconds after the request was written. */
export interface StreamTimes {
  /** Null when no byte of the body came. */
  readonly firstByteMs: number | null;
  /** Null when no event came. */
  readonly firstEventMs: number | null;
  readonly events: number;
}

const LF = 10;
const CR = 13;
const COLON = 58;

/** Where the next byte belongs: the beginning of a line, or inside of one. */
const AT_START = 0;
const IN_LINE = 1;
const IN_COMMENT = 2;

/**
 * Finds the events in a body as its bytes come, in whatever pieces. It keeps none of them.
 *
 * A server-sent event ends with an empty line; line ends are LF, CR, or both. A block of comments alone, as is sent to
 * keep a connection open, is none. In a stream of lines every line that is not empty is one.
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
  /** The block that is being read has a line that is no comment. */
  #hasField = false;

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
    this.#hasField = false;
  }

  /** Reads the bytes from `start` to before `end`, which have come just now. */
  add(bytes: Uint8Array, start: number, end: number): void {
    const ms = this.#now();
    this.#firstByteMs ??= ms - this.#beganMs;
    for (let at = start; at < end; at++) this.#read(bytes[at] ?? 0, ms);
  }

  get times(): StreamTimes {
    return { firstByteMs: this.#firstByteMs, firstEventMs: this.#firstEventMs, events: this.#events };
  }

  #read(byte: number, ms: number): void {
    // The second byte of a line end.
    const isRest = byte === LF && this.#afterCr;
    this.#afterCr = byte === CR;
    if (isRest) return;
    if (byte === LF || byte === CR) {
      this.#endLine(ms);
      return;
    }
    if (this.#state !== AT_START) return;
    this.#state = byte === COLON && this.#kind === 'events' ? IN_COMMENT : IN_LINE;
    if (this.#state === IN_LINE) this.#hasField = true;
  }

  #endLine(ms: number): void {
    const isEmpty = this.#state === AT_START;
    this.#state = AT_START;
    const isEnd = this.#kind === 'lines' ? !isEmpty : isEmpty;
    if (!isEnd || !this.#hasField) return;
    this.#hasField = false;
    this.#events += 1;
    if (this.#firstEventMs === null) this.#firstEventMs = ms - this.#beganMs;
    else this.#onGap(ms - this.#lastEventMs);
    this.#lastEventMs = ms;
  }
}
