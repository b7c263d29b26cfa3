import { huffman, huffmanBytes } from './huffman.ts';
import { fieldBytes, STATIC_TABLE } from './static-table.ts';

/** The most fields that the table of a connection can hold: 4096 bytes, at least 32 for each. */
export const MOST_KEPT = 128;

/** Secret fields, which no intermediary may keep in a table (RFC 7541, 7.1.3). */
const SECRET = new Set(['authorization', 'cookie', 'proxy-authorization']);

const INDEXED = 0x80;
const KEPT = 0x40;
const NEVER_KEPT = 0x10;
const NOT_KEPT = 0x00;

/**
 * One field of a request, ready to be written on any connection. All its bytes are Buffers: V8 reads one kind faster
 * than two.
 */
export interface HeadPart {
  /** Its number among those that may get into a table; -1 when it never does. */
  readonly id: number;
  /** What it takes there. */
  readonly size: number;
  /** The field as it is written without the table; without its value when that varies. */
  readonly plain: Buffer;
  /** The field as it is written to enter the table. */
  readonly kept: Buffer;
  /** Its value differs from request to request. */
  readonly varies: boolean;
}

const NOTHING = Buffer.alloc(0);
const STATIC_FIELDS = new Map(STATIC_TABLE.map(([name, value], index) => [`${name}\0${value}`, index + 1]));
const STATIC_NAMES = new Map([...STATIC_TABLE.entries()].reverse().map(([index, [name]]) => [name, index + 1]));

/** Prepares the fields of all requests. Requests that have a field in common share its part. */
export class HeadParts {
  readonly #known = new Map<string, HeadPart>();
  #kept = 0;

  /** A field with the same value in every request. The name is in lower case. */
  constant(name: string, value: string): HeadPart {
    const key = `${name}\0${value}`;
    const part = this.#known.get(key) ?? this.#make(name, value, STATIC_FIELDS.get(key));
    this.#known.set(key, part);
    return part;
  }

  #make(name: string, value: string, index: number | undefined): HeadPart {
    const size = fieldBytes(name, value);
    if (index !== undefined)
      return { id: -1, size, plain: integer(INDEXED, 0x7f, index), kept: NOTHING, varies: false };
    const text = textBytes(value);
    const isKept = !SECRET.has(name) && this.#kept < MOST_KEPT;
    return {
      id: isKept ? this.#kept++ : -1,
      size,
      plain: joined(nameOf(name, 0x0f, SECRET.has(name) ? NEVER_KEPT : NOT_KEPT), text),
      kept: isKept ? joined(nameOf(name, 0x3f, KEPT), text) : NOTHING,
      varies: false,
    };
  }

  /** A field with a value of its own in each request. */
  varying(name: string): HeadPart {
    const plain = nameOf(name, 0x0f, SECRET.has(name) ? NEVER_KEPT : NOT_KEPT);
    return { id: -1, size: 0, plain, kept: NOTHING, varies: true };
  }
}

function nameOf(name: string, mask: number, how: number): Buffer {
  const index = STATIC_NAMES.get(name) ?? 0;
  return index === 0 ? joined(integer(how, mask, 0), textBytes(name)) : integer(how, mask, index);
}

/** A string (RFC 7541, 5.2), Huffman-coded where that is shorter. */
function textBytes(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  const coded = huffmanBytes(bytes);
  return coded < bytes.length
    ? joined(integer(0x80, 0x7f, coded), huffman(bytes))
    : joined(integer(0, 0x7f, bytes.length), bytes);
}

/**
 * An integer (RFC 7541, 5.1).
 *
 * @param first what else stands in the first byte.
 * @param mask the bits of the first byte that are for the integer.
 */
export function integer(first: number, mask: number, value: number): Buffer {
  if (value < mask) return Buffer.from([first | value]);
  const bytes = [first | mask];
  let rest = value - mask;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}

const joined = (...parts: readonly Uint8Array[]): Buffer => Buffer.concat(parts);
