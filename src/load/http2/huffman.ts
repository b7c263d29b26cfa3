/**
 * The length in bits of the code of each byte, and at the end that of the end-of-string symbol (RFC 7541, appendix B).
 * The lengths determine the codes, because the code is canonical: codes ascend by length, and by byte within a length.
 */
const LENGTHS: readonly number[] = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28,
  28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6,
  5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23,
  22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22,
  23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26,
  20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27,
  27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27,
  27, 27, 27, 26, 30,
];
const END_OF_STRING = 256;
/** A text is at most this many times as long as its code, since the shortest code has 5 bits. */
export const LONGEST_GROWTH = 8 / 5;

const CODES = codesOf(LENGTHS);

function codesOf(lengths: readonly number[]): Uint32Array {
  const codes = new Uint32Array(lengths.length);
  const order = [...lengths.keys()].sort((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0) || a - b);
  let next = 0;
  let bits = 0;
  for (const symbol of order) {
    const length = lengths[symbol] ?? 0;
    next *= 2 ** (length - bits);
    bits = length;
    codes[symbol] = next++;
  }
  return codes;
}

/** The reader takes four bits per step. No step emits two bytes, since the shortest code has five bits. */
const NIBBLES = 16;
const EMITS = 1 << 16;
const FAILS = 1 << 17;
const { steps: STEPS, mayEnd: MAY_END } = readerOf(CODES, LENGTHS);

/**
 * The states of the reader are the inner nodes of the tree of codes.
 *
 * @returns steps by state and nibble: the next state, a byte above it when one is read, and flags; and the states in
 * which a
 *   string may end: at most seven bits after the last byte, all of them ones (RFC 7541, 5.2).
 */
function readerOf(codes: Uint32Array, lengths: readonly number[]): { steps: Int32Array; mayEnd: Uint8Array } {
  // Children of each node: another node above 0, a leaf as -1 - its byte.
  const children: [number, number][] = [[0, 0]];
  codes.forEach((code, symbol) => {
    let node = 0;
    for (let bit = (lengths[symbol] ?? 0) - 1; bit > 0; bit--) {
      const pair = children[node] ?? [0, 0];
      const side = (code >>> bit) & 1;
      if (pair[side] === 0) pair[side] = children.push([0, 0]) - 1;
      node = pair[side] ?? 0;
    }
    const pair = children[node] ?? [0, 0];
    pair[code & 1] = -1 - symbol;
  });
  const steps = new Int32Array(children.length * NIBBLES);
  for (const state of children.keys())
    for (let nibble = 0; nibble < NIBBLES; nibble++) steps[state * NIBBLES + nibble] = stepOf(children, state, nibble);
  const mayEnd = new Uint8Array(children.length);
  for (let bits = 0, node = 0; bits < 8 && node >= 0; bits++, node = children[node]?.[1] ?? -1) mayEnd[node] = 1;
  return { steps, mayEnd };
}

function stepOf(children: readonly [number, number][], state: number, nibble: number): number {
  let node = state;
  let emitted = 0;
  for (let bit = 3; bit >= 0; bit--) {
    const next = children[node]?.[(nibble >>> bit) & 1] ?? 0;
    if (next === -1 - END_OF_STRING) return FAILS;
    if (next < 0) emitted = EMITS | ((-1 - next) << 8);
    node = Math.max(0, next);
  }
  return node | emitted;
}

/**
 * Reads the bytes from `start` to before `end`.
 *
 * @param into has room for `LONGEST_GROWTH` times as many.
 * @returns how many bytes the text has; -1 when the code is broken.
 */
export function readHuffman(bytes: Uint8Array, start: number, end: number, into: Uint8Array): number {
  let state = 0;
  let length = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    for (let shift = 4; shift >= 0; shift -= 4) {
      const step = STEPS[state * NIBBLES + ((byte >>> shift) & 15)] ?? FAILS;
      if (step >= EMITS) {
        if (step >= FAILS) return -1;
        into[length++] = (step >>> 8) & 255;
      }
      state = step & 255;
    }
  }
  return MAY_END[state] === 1 ? length : -1;
}

/** How many bytes the code of these would have. */
export function huffmanBytes(text: Uint8Array): number {
  let bits = 0;
  for (const byte of text) bits += LENGTHS[byte] ?? 0;
  return Math.ceil(bits / 8);
}

/** The code of a text, its last byte filled up with ones. */
export function huffman(text: Uint8Array): Uint8Array {
  const coded = new Uint8Array(huffmanBytes(text));
  let at = 0;
  let pending = 0;
  let bits = 0;
  for (const byte of text) {
    const length = LENGTHS[byte] ?? 0;
    // Up to 7 bits that wait and 30 of a code are more than the 32 of an integer.
    pending = pending * 2 ** length + (CODES[byte] ?? 0);
    bits += length;
    while (bits >= 8) {
      bits -= 8;
      const whole = Math.floor(pending / 2 ** bits);
      coded[at++] = whole;
      pending -= whole * 2 ** bits;
    }
  }
  if (bits > 0) coded[at] = pending * 2 ** (8 - bits) + 2 ** (8 - bits) - 1;
  return coded;
}
