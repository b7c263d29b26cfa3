import { ConnectionFault } from './fault.ts';
import {
  DATA,
  DEFAULT_FRAME_BYTES,
  FRAME_HEAD_BYTES,
  FRAME_SIZE_ERROR,
  PADDED,
  PROTOCOL_ERROR,
  uint31At,
} from './frames.ts';

/** Receives the frames. Bytes are those from `start` to before `end`, valid during the call. */
export interface FrameListener {
  /** A whole frame that is not DATA. */
  frame(type: number, flags: number, stream: number, bytes: Uint8Array, start: number, end: number): void;
  /** A frame of DATA begins. `length` is that of the payload with its padding, by which flow control goes. */
  dataBegan(flags: number, stream: number, length: number): void;
  /** A piece of its data, as it came. */
  data(stream: number, bytes: Uint8Array, start: number, end: number): void;
  /** It is over, with its padding. */
  dataEnded(flags: number, stream: number): void;
}

/** Where the next byte belongs. */
const IN_HEAD = 0;
const IN_PAYLOAD = 1;
const AT_PADDING_LENGTH = 2;
const IN_DATA = 3;
const IN_PADDING = 4;

/**
 * Reads the frames of one connection (RFC 9113, 4.1) from bytes that arrive in any pieces. Data are handed on in place;
 * other frames are copied only when they arrive in several pieces. No frame may be longer than 16 KiB, the smallest
 * limit that HTTP/2 allows.
 */
export class FrameReader {
  readonly #listener: FrameListener;
  readonly #head = Buffer.alloc(FRAME_HEAD_BYTES);
  #headLength = 0;
  #payload: Buffer | null = null;
  #payloadLength = 0;
  #state = IN_HEAD;
  #length = 0;
  #type = 0;
  #flags = 0;
  #stream = 0;
  /** Bytes that are left of the data, and after them of their padding. */
  #remaining = 0;
  #padding = 0;

  constructor(listener: FrameListener) {
    this.#listener = listener;
  }

  /**
   * Reads the bytes from `start` to before `end`, all of them.
   *
   * @throws ConnectionFault when they can't be frames; nothing that follows can be read.
   */
  read(bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    while (at < end) {
      switch (this.#state) {
        case IN_HEAD:
          at = this.#readHead(bytes, at, end);
          break;
        case IN_PAYLOAD:
          at = this.#readPayload(bytes, at, end);
          break;
        case AT_PADDING_LENGTH:
          this.#padding = bytes[at++] ?? 0;
          this.#remaining = this.#length - 1 - this.#padding;
          if (this.#remaining < 0) throw new ConnectionFault(PROTOCOL_ERROR, 'Padding is longer than its frame');
          this.#state = IN_DATA;
          this.#endData();
          break;
        default:
          at = this.#readData(bytes, at, end);
      }
    }
  }

  #readHead(bytes: Uint8Array, start: number, end: number): number {
    if (this.#headLength === 0 && end - start >= FRAME_HEAD_BYTES) {
      this.#takeHead(bytes, start);
      return this.#beginFrame(bytes, start + FRAME_HEAD_BYTES, end);
    }
    let at = start;
    while (at < end && this.#headLength < FRAME_HEAD_BYTES) this.#head[this.#headLength++] = bytes[at++] ?? 0;
    if (this.#headLength < FRAME_HEAD_BYTES) return at;
    this.#headLength = 0;
    this.#takeHead(this.#head, 0);
    return this.#beginFrame(bytes, at, end);
  }

  #takeHead(bytes: Uint8Array, at: number): void {
    this.#length = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    this.#type = bytes[at + 3] ?? 0;
    this.#flags = bytes[at + 4] ?? 0;
    this.#stream = uint31At(bytes, at + 5);
    if (this.#length > DEFAULT_FRAME_BYTES)
      throw new ConnectionFault(FRAME_SIZE_ERROR, `A frame has ${String(this.#length)} bytes`);
  }

  #beginFrame(bytes: Uint8Array, at: number, end: number): number {
    if (this.#type === DATA) {
      this.#listener.dataBegan(this.#flags, this.#stream, this.#length);
      this.#beginData();
      return at;
    }
    const length = this.#length;
    if (end - at >= length) {
      this.#listener.frame(this.#type, this.#flags, this.#stream, bytes, at, at + length);
      return at + length;
    }
    this.#payloadLength = 0;
    this.#state = IN_PAYLOAD;
    return at;
  }

  #readPayload(bytes: Uint8Array, start: number, end: number): number {
    const payload = (this.#payload ??= Buffer.allocUnsafeSlow(DEFAULT_FRAME_BYTES));
    const taken = Math.min(end - start, this.#length - this.#payloadLength);
    payload.set(bytes.subarray(start, start + taken), this.#payloadLength);
    this.#payloadLength += taken;
    if (this.#payloadLength === this.#length) {
      this.#state = IN_HEAD;
      this.#listener.frame(this.#type, this.#flags, this.#stream, payload, 0, this.#length);
    }
    return start + taken;
  }

  #beginData(): void {
    this.#padding = 0;
    this.#remaining = this.#length;
    if ((this.#flags & PADDED) === 0) {
      this.#state = IN_DATA;
      this.#endData();
      return;
    }
    if (this.#length === 0) throw new ConnectionFault(FRAME_SIZE_ERROR, 'A frame has no room for its padding');
    this.#state = AT_PADDING_LENGTH;
  }

  #readData(bytes: Uint8Array, start: number, end: number): number {
    const taken = Math.min(end - start, this.#remaining);
    this.#remaining -= taken;
    if (this.#state === IN_DATA) this.#listener.data(this.#stream, bytes, start, start + taken);
    this.#endData();
    return start + taken;
  }

  /** Goes on when the data, or their padding, are over. */
  #endData(): void {
    if (this.#remaining > 0) return;
    if (this.#state === IN_DATA && this.#padding > 0) {
      this.#remaining = this.#padding;
      this.#state = IN_PADDING;
      return;
    }
    this.#state = IN_HEAD;
    this.#listener.dataEnded(this.#flags, this.#stream);
  }
}
