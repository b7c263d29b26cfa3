/** A stream of pseudo-random numbers; the same seed gives the same stream. Not for secrets. */
export interface Random {
  /** A float, uniform in [0, 1), with 32 random bits. */
  uniform(): number;
  /** An integer, uniform in [0, bound); `bound` is at most 2^32. Its bias is below bound / 2^32. */
  integer(bound: number): number;
  /** An exponentially distributed float above 0 or equal to it, with the given mean. */
  exponential(mean: number): number;
}

/**
 * Makes a stream from a text.
 *
 * The text is hashed to 128 bits by xmur3 (MurmurHash3's mixing, by bryc), which start sfc32 of
 * PractRand (Chris Doty-Humphrey, http://pracrand.sourceforge.net, "Small Fast Chaotic"; it passes PractRand to 32 TB).
 */
export function createRandom(seed: string): Random {
  const nextHash = xmur3(seed);
  const next = sfc32(nextHash(), nextHash(), nextHash(), nextHash());
  const uniform = (): number => next() / 2 ** 32;
  return {
    uniform,
    integer: (bound) => Math.floor(uniform() * bound),
    // 1 - u is never 0, so the logarithm is finite.
    exponential: (mean) => -Math.log(1 - uniform()) * mean,
  };
}

function xmur3(text: string): () => number {
  let h = 1779033703 ^ text.length;
  for (let i = 0; i < text.length; i++) {
    h = Math.imul(h ^ text.charCodeAt(i), 3432918353);
    h = (h << 13) | (h >>> 19);
  }
  return () => {
    h = Math.imul(h ^ (h >>> 16), 2246822507);
    h = Math.imul(h ^ (h >>> 13), 3266489909);
    return (h ^= h >>> 16) >>> 0;
  };
}

/** PractRand discards the first outputs so that every bit of the seed has reached the state. */
const SFC32_DISCARDED = 12;

function sfc32(a: number, b: number, c: number, counter: number): () => number {
  const next = (): number => {
    const result = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + result;
    c |= 0;
    return result >>> 0;
  };
  for (let i = 0; i < SFC32_DISCARDED; i++) next();
  return next;
}
