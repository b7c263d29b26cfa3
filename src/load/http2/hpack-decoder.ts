import type { Field } from '../journeys/kept-answer.ts';
import { ConnectionFault } from './fault.ts';
import { COMPRESSION_ERROR } from './frames.ts';
import { LONGEST_GROWTH, readHuffman } from './huffman.ts';
import { DEFAULT_TABLE_BYTES, fieldBytes, STATIC_TABLE } from './static-table.ts';

/** The largest head that is accepted, as `fieldBytes` counts it; Node.js has the same limit. */
export const HEADER_LIST_BYTES = 64 * 1024;

/** A power of two, and no fewer than the entries that a table of 4096 bytes can hold. */
const MOST_ENTRIES = 128;
/** Where an integer has to end (RFC 7541, 5.1): no index and no length comes near 2^28. */
const LONGEST_SHIFT = 28;

/**
 * Reads the header blocks of one connection (RFC 7541). Each block can change what the next ones mean, so all of them
 * have to be read, in order.
 */
export class HeaderDecoder {
  /** Grows with every change of the dynamic table. Between equal numbers the same block means the same. */
  changes = 0;
  /** What the last block put into the table. */
  added: Field[] = [];
  /** Whether the last block means the same whatever is in the table. */
  independent = false;
  #entries: (Field | undefined)[] = [];
  /** Where the newest entry is; the ones before it follow, around the end. */
  #newest = 0;
  #count = 0;
  #size = 0;
  #limit = DEFAULT_TABLE_BYTES;
  #scratch = Buffer.alloc(0);
  #bytes: Uint8Array = this.#scratch;
  #at = 0;
  #end = 0;

  /**
   * Reads a whole block, the bytes from `start` to before `end`.
   *
   * @returns its fields; null when they are larger than `HEADER_LIST_BYTES`.
   * @throws ConnectionFault when it can't be read, nor anything after it.
   */
  decode(bytes: Uint8Array, start: number, end: number): readonly Field[] | null {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.added = [];
    this.independent = true;
    const fields: Field[] = [];
    let size = 0;
    let begun = false;
    while (this.#at < end) {
      const first = bytes[this.#at] ?? 0;
      if ((first & 0xe0) === 0x20) {
        if (begun) throw broken('a change of the table within a block');
        this.independent = false;
        this.#resize(this.#integer(0x1f));
        continue;
      }
      begun = true;
      const field = this.#field(first);
      size += fieldBytes(field[0], field[1]);
      // The others are read for the sake of the table.
      if (size <= HEADER_LIST_BYTES) fields.push(field);
    }
    return size <= HEADER_LIST_BYTES ? fields : null;
  }

  #field(first: number): Field {
    if (first >= 0x80) return this.#entry(this.#integer(0x7f));
    const isKept = first >= 0x40;
    const index = this.#integer(isKept ? 0x3f : 0x0f);
    const name = index === 0 ? this.#text() : this.#entry(index)[0];
    const field: Field = [name, this.#text()];
    if (isKept) {
      this.#insert(field);
      this.added.push(field);
    }
    return field;
  }

  /** Updates the table for an independent block that has come again: adds what the block added. */
  add(fields: readonly Field[]): void {
    for (const field of fields) this.#insert(field);
  }

  #entry(index: number): Field {
    if (index > STATIC_TABLE.length) this.independent = false;
    const entry =
      index <= STATIC_TABLE.length
        ? STATIC_TABLE[index - 1]
        : index <= STATIC_TABLE.length + this.#count
          ? this.#entries[(this.#newest + index - STATIC_TABLE.length - 1) & (MOST_ENTRIES - 1)]
          : undefined;
    if (entry === undefined) throw broken(`there is no field ${String(index)} in the table`);
    return entry;
  }

  #insert(field: Field): void {
    const size = fieldBytes(field[0], field[1]);
    // One that is larger than the table empties it (RFC 7541, 4.4).
    this.#evict(this.#limit - size);
    if (size > this.#limit) return;
    this.#newest = (this.#newest - 1) & (MOST_ENTRIES - 1);
    this.#entries[this.#newest] = field;
    this.#count += 1;
    this.#size += size;
    this.changes += 1;
  }

  #resize(limit: number): void {
    if (limit > DEFAULT_TABLE_BYTES) throw broken('a table that is larger than was allowed');
    if (limit !== this.#limit) this.changes += 1;
    this.#limit = limit;
    this.#evict(limit);
  }

  /** Removes the oldest entries until the others take no more than this many bytes. */
  #evict(limit: number): void {
    while (this.#count > 0 && this.#size > limit) {
      this.#count -= 1;
      const at = (this.#newest + this.#count) & (MOST_ENTRIES - 1);
      const [name, value] = this.#entries[at] ?? ['', ''];
      this.#entries[at] = undefined;
      this.#size -= fieldBytes(name, value);
      this.changes += 1;
    }
  }

  /** @param mask the bits of the first byte that belong to it. */
  #integer(mask: number): number {
    let value = this.#byte() & mask;
    if (value < mask) return value;
    for (let shift = 0; shift <= LONGEST_SHIFT; shift += 7) {
      const byte = this.#byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw broken('an integer that is too long');
  }

  #byte(): number {
    if (this.#at >= this.#end) throw broken('a block that ends within a field');
    return this.#bytes[this.#at++] ?? 0;
  }

  #text(): string {
    const isCoded = ((this.#bytes[this.#at] ?? 0) & 0x80) !== 0;
    const length = this.#integer(0x7f);
    const start = this.#at;
    const end = start + length;
    if (end > this.#end) throw broken('a text that is longer than its block');
    this.#at = end;
    const room = Math.ceil(length * LONGEST_GROWTH);
    if (this.#scratch.length < room) this.#scratch = Buffer.allocUnsafe(Math.max(256, 2 * room));
    const scratch = this.#scratch;
    if (!isCoded) {
      for (let i = 0; i < length; i++) scratch[i] = this.#bytes[start + i] ?? 0;
      return scratch.toString('latin1', 0, length);
    }
    const decoded = readHuffman(this.#bytes, start, end, scratch);
    if (decoded < 0) throw broken('a text whose Huffman code is broken');
    return scratch.toString('latin1', 0, decoded);
  }
}

const broken = (what: string): ConnectionFault => new ConnectionFault(COMPRESSION_ERROR, `The headers have ${what}`);
