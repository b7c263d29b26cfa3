import { createRandom } from '../load/random.ts';

/** For up to this many blocks, all falls of their coins are listed; of more blocks as many falls are drawn. */
const MOST_LISTED_BLOCKS = 13;
const FALLS = 2 ** MOST_LISTED_BLOCKS;

/** Falls of the coins that decided the order in each block, as the signs that they would have given to its results. */
export interface SignFlips {
  readonly blocks: number;
  readonly falls: number;
  /**
   * 1 or -1 for each fall of the first block's coin, then of the second one's, and so on. The first fall is the one
   * that happened.
   */
  readonly signs: Int8Array;
}

const KNOWN = new Map<number, SignFlips>();

/**
 * The falls of the coins against which a result is held: all of them for up to 13 blocks, else 8191 that are drawn and
 * the one that happened. With drawn falls a test stays exact, because the fall that happened is among them (Dwass 1957,
 * Annals of Mathematical Statistics 28:181; Hemerik and Goeman 2018, TEST 27:811). They are drawn from a fixed seed:
 * which falls are looked at must not depend on the coins of the comparison.
 */
export function signFlips(blocks: number): SignFlips {
  const known = KNOWN.get(blocks);
  if (known !== undefined) return known;
  const flips = blocks <= MOST_LISTED_BLOCKS ? allFalls(blocks) : drawnFalls(blocks);
  KNOWN.set(blocks, flips);
  return flips;
}

function allFalls(blocks: number): SignFlips {
  const falls = 2 ** blocks;
  const signs = new Int8Array(falls * blocks);
  for (let fall = 0; fall < falls; fall++) {
    for (let block = 0; block < blocks; block++) signs[block * falls + fall] = ((fall >> block) & 1) === 0 ? 1 : -1;
  }
  return { blocks, falls, signs };
}

function drawnFalls(blocks: number): SignFlips {
  const random = createRandom(`sign flips of ${String(blocks)} blocks`);
  const signs = new Int8Array(FALLS * blocks).fill(1);
  for (let place = 0; place < signs.length; place++) {
    if (place % FALLS !== 0 && random.uniform() < 0.5) signs[place] = -1;
  }
  return { blocks, falls: FALLS, signs };
}
