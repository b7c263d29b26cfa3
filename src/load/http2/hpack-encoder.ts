import type { FrameWriter } from './frame-writer.ts';
import { type HeadPart, integer, MOST_KEPT } from './head-parts.ts';
import { DEFAULT_TABLE_BYTES, STATIC_TABLE } from './static-table.ts';

const INDEXED = 0x80;
const INDEX_MASK = 0x7f;
const RESIZE = 0x20;
const RESIZE_MASK = 0x1f;

/**
 * Writes the heads of requests for one connection (RFC 7541). A field enters the table when it is first sent, as long
 * as there is room, and takes one byte from then on. Entries are never evicted, so only a number has to be looked up.
 */
export class HeaderEncoder {
  /** By the number of the field: which entry it is, counted from 1; 0 when it is none. */
  readonly #entryOf = new Uint8Array(MOST_KEPT);
  #entries = 0;
  #size = 0;
  #limit = DEFAULT_TABLE_BYTES;
  /** The next block has to tell the peer about a new limit, and before it that the table was emptied. */
  #tellLimit = false;
  #tellEmptied = false;

  /** The peer allows a table of this size. */
  setLimit(bytes: number): void {
    const limit = Math.min(bytes, DEFAULT_TABLE_BYTES);
    if (limit === this.#limit) return;
    if (limit < this.#limit) {
      this.#entryOf.fill(0);
      this.#entries = 0;
      this.#size = 0;
      this.#tellEmptied = true;
    }
    this.#limit = limit;
    this.#tellLimit = true;
  }

  /**
   * Writes a block.
   *
   * @param values of the parts that vary, in their order, ASCII; null leaves out the field.
   */
  write(parts: readonly HeadPart[], values: readonly (string | null)[], into: FrameWriter): void {
    if (this.#tellLimit) this.#writeLimit(into);
    let value = 0;
    for (const part of parts) {
      if (part.varies) writeVarying(part, values[value++] ?? null, into);
      else if (part.id < 0) into.bytes(part.plain);
      else this.#writeKept(part, into);
    }
  }

  #writeKept(part: HeadPart, into: FrameWriter): void {
    const entry = this.#entryOf[part.id] ?? 0;
    if (entry > 0) {
      const index = STATIC_TABLE.length + 1 + this.#entries - entry;
      if (index < INDEX_MASK) into.byte(INDEXED | index);
      else into.bytes(integer(INDEXED, INDEX_MASK, index));
      return;
    }
    if (this.#size + part.size > this.#limit) {
      into.bytes(part.plain);
      return;
    }
    this.#entries += 1;
    this.#size += part.size;
    this.#entryOf[part.id] = this.#entries;
    into.bytes(part.kept);
  }

  /** A change of the table comes before all fields, its smallest size first (RFC 7541, 4.2). */
  #writeLimit(into: FrameWriter): void {
    if (this.#tellEmptied && this.#limit > 0) into.byte(RESIZE);
    into.bytes(integer(RESIZE, RESIZE_MASK, this.#limit));
    this.#tellLimit = false;
    this.#tellEmptied = false;
  }
}

/** Without Huffman coding, which costs both sides more than it saves for a value that is sent once. */
function writeVarying(part: HeadPart, value: string | null, into: FrameWriter): void {
  if (value === null) return;
  into.bytes(part.plain);
  if (value.length < 0x7f) into.byte(value.length);
  else into.bytes(integer(0, 0x7f, value.length));
  into.ascii(value);
}
