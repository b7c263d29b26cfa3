import { CONTINUATION, DEFAULT_FRAME_BYTES, END_HEADERS, FRAME_HEAD_BYTES, HEADERS } from './frames.ts';

const FIRST_BYTES = 512;
/** A buffer that had to grow above this size is not kept. */
const KEPT_BYTES = 64 * 1024;
/** Below this a loop over bytes is faster than Buffer's native methods, which make an object per call. */
const SHORT = 64;

/**
 * Collects the output of a connection, so that frames of several streams leave in one write. One of its two buffers can
 * be filled while the other is being written.
 */
export class FrameWriter {
  #bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #length = 0;
  /** The view of `#bytes` that was handed out last. It is reused for output of the same length. */
  #view: Buffer | null = null;
  #other: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #otherView: Buffer | null = null;

  /** Bytes that wait to be taken. */
  get length(): number {
    return this.#length;
  }

  /** Everything that waits. The bytes stay valid until the next call of `take`. */
  take(): Buffer {
    const bytes = this.#bytes;
    const view = this.#view?.length === this.#length ? this.#view : bytes.subarray(0, this.#length);
    const isKept = bytes.length <= KEPT_BYTES;
    this.#bytes = this.#other;
    this.#view = this.#otherView;
    this.#other = isKept ? bytes : Buffer.allocUnsafeSlow(FIRST_BYTES);
    this.#otherView = isKept ? view : null;
    this.#length = 0;
    return view;
  }

  /** The head of a frame, whose payload of `length` bytes has to follow. */
  frame(length: number, type: number, flags: number, stream: number): void {
    this.#makeRoom(FRAME_HEAD_BYTES + length);
    this.#writeHead(this.#length, length, type, flags, stream);
    this.#length += FRAME_HEAD_BYTES;
  }

  byte(byte: number): void {
    this.#makeRoom(1);
    this.#bytes[this.#length++] = byte;
  }

  uint16(value: number): void {
    this.#makeRoom(2);
    this.#length = this.#bytes.writeUInt16BE(value, this.#length);
  }

  uint32(value: number): void {
    this.#makeRoom(4);
    this.#length = this.#bytes.writeUInt32BE(value, this.#length);
  }

  /** Copies the bytes from `start` to before `end`. */
  bytes(from: Uint8Array, start = 0, end = from.length): void {
    const length = end - start;
    this.#makeRoom(length);
    const into = this.#bytes;
    const at = this.#length;
    if (length < SHORT) for (let i = 0; i < length; i++) into[at + i] = from[start + i] ?? 0;
    else into.set(from.subarray(start, end), at);
    this.#length = at + length;
  }

  /** Text of ASCII alone. */
  ascii(text: string): void {
    this.#makeRoom(text.length);
    this.#length += this.#bytes.write(text, this.#length, 'latin1');
  }

  /** Leaves room for the head of a frame of HEADERS, whose block follows. */
  beginHeaders(): number {
    this.#makeRoom(FRAME_HEAD_BYTES);
    const mark = this.#length;
    this.#length += FRAME_HEAD_BYTES;
    return mark;
  }

  /**
   * The block is written that began at `mark`. What is longer than a frame may be goes on in others (RFC 9113, 4.3).
   */
  endHeaders(mark: number, flags: number, stream: number): void {
    const longest = DEFAULT_FRAME_BYTES;
    const start = mark + FRAME_HEAD_BYTES;
    const length = this.#length - start;
    if (length <= longest) {
      this.#writeHead(mark, length, HEADERS, flags | END_HEADERS, stream);
      return;
    }
    const rest = Buffer.from(this.#bytes.subarray(start + longest, this.#length));
    this.#writeHead(mark, longest, HEADERS, flags, stream);
    this.#length = start + longest;
    for (let at = 0; at < rest.length; at += longest) {
      const end = Math.min(rest.length, at + longest);
      this.frame(end - at, CONTINUATION, end === rest.length ? END_HEADERS : 0, stream);
      this.bytes(rest, at, end);
    }
  }

  #writeHead(at: number, length: number, type: number, flags: number, stream: number): void {
    const bytes = this.#bytes;
    bytes[at] = length >>> 16;
    bytes[at + 1] = length >>> 8;
    bytes[at + 2] = length;
    bytes[at + 3] = type;
    bytes[at + 4] = flags;
    bytes[at + 5] = stream >>> 24;
    bytes[at + 6] = stream >>> 16;
    bytes[at + 7] = stream >>> 8;
    bytes[at + 8] = stream;
  }

  #makeRoom(length: number): void {
    const wanted = this.#length + length;
    if (wanted <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(wanted, 2 * this.#bytes.length));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
    this.#view = null;
  }
}
