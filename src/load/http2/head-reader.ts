import type { Field } from '../journeys/kept-answer.ts';
import { areProper, type AnswerHead, readHead } from './answer-head.ts';
import { HeaderDecoder } from './hpack-decoder.ts';

/** A block up to this size is remembered, to be recognized when it comes again. */
const REMEMBERED_BYTES = 1024;

/**
 * Reads the heads of the answers of one connection.
 *
 * Servers send the same head again and again, and change its date once a second. A block that equals the last one byte
 * for byte means the same when it refers to nothing in the table, or when the table has not changed since. Comparing is
 * many times faster than decoding.
 */
export class HeadReader {
  readonly #decoder = new HeaderDecoder();
  #last: Buffer | null = null;
  #lastLength = 0;
  #lastChanges = 0;
  #lastHead: AnswerHead | null = null;
  /** What the last block puts into the table; null when it needs the table as it was. */
  #lastAdded: readonly Field[] | null = null;

  /**
   * Reads a block, the bytes from `start` to before `end`.
   *
   * @returns null when the answer is malformed or its head too large; the connection goes on.
   * @throws ConnectionFault when nothing more can be read.
   */
  head(bytes: Uint8Array, start: number, end: number): AnswerHead | null {
    if (this.#isLast(bytes, start, end)) {
      if (this.#lastAdded !== null) this.#decoder.add(this.#lastAdded);
      return this.#lastHead;
    }
    const before = this.#decoder.changes;
    const fields = this.#decoder.decode(bytes, start, end);
    const head = fields === null ? null : readHead(fields);
    if (head !== null && (this.#decoder.independent || this.#decoder.changes === before))
      this.#remember(bytes, start, end, head);
    return head;
  }

  /**
   * Reads a block that is a trailer, or whose stream nobody waits for, because later blocks may build on it.
   *
   * @returns whether it is a proper trailer.
   */
  trailer(bytes: Uint8Array, start: number, end: number): boolean {
    const fields = this.#decoder.decode(bytes, start, end);
    return fields !== null && areProper(fields);
  }

  #isLast(bytes: Uint8Array, start: number, end: number): boolean {
    const last = this.#last;
    if (last === null || end - start !== this.#lastLength) return false;
    if (this.#lastAdded === null && this.#decoder.changes !== this.#lastChanges) return false;
    for (let i = 0; i < this.#lastLength; i++) if (bytes[start + i] !== last[i]) return false;
    return true;
  }

  #remember(bytes: Uint8Array, start: number, end: number, head: AnswerHead): void {
    if (end - start > REMEMBERED_BYTES) return;
    this.#last ??= Buffer.allocUnsafeSlow(REMEMBERED_BYTES);
    this.#last.set(bytes.subarray(start, end));
    this.#lastLength = end - start;
    this.#lastChanges = this.#decoder.changes;
    this.#lastHead = head;
    this.#lastAdded = this.#decoder.independent ? this.#decoder.added : null;
  }
}
