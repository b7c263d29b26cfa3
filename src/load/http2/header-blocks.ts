import { ConnectionFault } from './fault.ts';
import { END_HEADERS, ENHANCE_YOUR_CALM, FRAME_SIZE_ERROR, PADDED, PROTOCOL_ERROR, WITH_PRIORITY } from './frames.ts';

/** A block of headers, compressed, and the frames that it comes in: nobody sends more in good faith. */
const BLOCK_BYTES = 128 * 1024;
const BLOCK_FRAMES = 256;
const PRIORITY_BYTES = 5;

/** @param flags those of HEADERS. The block is the bytes from `start` to before `end`, valid during the call. */
type OnBlock = (stream: number, flags: number, bytes: Uint8Array, start: number, end: number) => void;

/**
 * Joins the blocks of headers of one connection, which may go on in further frames (RFC 9113, 6.10). One that came in
 * one frame is handed on where it is.
 */
export class HeaderBlocks {
  readonly #onBlock: OnBlock;
  /** The stream whose block goes on in the next frame; 0 for none. */
  #stream = 0;
  #flags = 0;
  #pieces: Buffer[] = [];
  #bytes = 0;

  constructor(onBlock: OnBlock) {
    this.#onBlock = onBlock;
  }

  /** Whether no other frame may come now. */
  get goesOn(): boolean {
    return this.#stream !== 0;
  }

  /** Takes the payload of HEADERS. */
  begin(flags: number, stream: number, bytes: Uint8Array, start: number, end: number): void {
    let first = start;
    let last = end;
    if ((flags & PADDED) !== 0) last -= bytes[first++] ?? 0;
    if ((flags & WITH_PRIORITY) !== 0) first += PRIORITY_BYTES;
    if (first > end) throw new ConnectionFault(FRAME_SIZE_ERROR, 'Headers are shorter than what stands before them');
    if (first > last) throw new ConnectionFault(PROTOCOL_ERROR, 'Padding is longer than its frame');
    if ((flags & END_HEADERS) !== 0) {
      this.#onBlock(stream, flags, bytes, first, last);
      return;
    }
    this.#stream = stream;
    this.#flags = flags;
    this.#keep(bytes, first, last);
  }

  /** Takes the payload of CONTINUATION. */
  goOn(flags: number, stream: number, bytes: Uint8Array, start: number, end: number): void {
    if (this.#stream === 0 || stream !== this.#stream)
      throw new ConnectionFault(PROTOCOL_ERROR, 'Headers go on that did not begin');
    this.#keep(bytes, start, end);
    if ((flags & END_HEADERS) === 0) return;
    const block = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#bytes = 0;
    this.#stream = 0;
    this.#onBlock(stream, this.#flags, block, 0, block.length);
  }

  #keep(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes += end - start;
    if (this.#bytes > BLOCK_BYTES || this.#pieces.length >= BLOCK_FRAMES)
      throw new ConnectionFault(ENHANCE_YOUR_CALM, 'Headers do not end');
    this.#pieces.push(Buffer.from(bytes.subarray(start, end)));
  }
}
