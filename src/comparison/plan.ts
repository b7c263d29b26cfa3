import { createRandom } from '../load/random.ts';
import type { ComparisonRound } from '../model/comparison.ts';

/** How long one version is loaded in a round, unless that gives too few or too many rounds. */
const USUAL_WINDOW_MS = 2000;
/**
 * They are judged in blocks of two, and with fewer than 10 blocks no result could be told from chance:
 * docs/statistics.md explains why.
 */
export const FEWEST_ROUNDS = 20;
/** With more, starts and ends would take up more of the time, without a much more certain answer. */
const MOST_ROUNDS = 60;

/** Rounds per block: one in each order, so the effects of the order cancel out. */
export const ROUNDS_PER_BLOCK = 2;
const WINDOWS_PER_BLOCK = 2 * ROUNDS_PER_BLOCK;

/** The number of blocks grows by this factor from one look to the next. */
const GROWTH = 1.5;
const MOST_LOOKS = 8;

/**
 * After this many blocks comes the first look, for a change so large that every block shows it: by chance alone all
 * blocks point one way in one of 512 falls of the coins.
 */
const EARLY_BLOCKS = 9;
/**
 * Of the 5 % of a comparison it spends two such falls to either side: the one that happened, and the opposite one, in
 * which metrics that have not changed look as far from a change as the others look beyond it.
 */
const EARLY_SHARE = (2 * 2 * 2 ** -EARLY_BLOCKS) / 0.05;
/**
 * With more blocks a change that nearly every one shows takes less of the error: each further early look has half as
 * much.
 */
const FURTHER_EARLY_SHARE = EARLY_SHARE / 2;
/** With more of them, too little would be left for the looks that find small changes. */
const MOST_EARLY_LOOKS = 3;
/** A further early look must come this long before the first usual one to save time. */
const SAVED = 4 / 3;

/** Fewer fresh blocks could hardly confirm anything: the least p-value of 7 is 1/128. */
const FEWEST_CONFIRMING_BLOCKS = 7;

export interface ComparisonPlan {
  /** Length of one version's half of a round. */
  readonly windowMs: number;
  /** Numbers of blocks at which the figures are evaluated, ascending. */
  readonly looks: readonly number[];
  /** How many of them, the first ones, come before the requested time, to report a large change at once. */
  readonly early: number;
}

/**
 * How many blocks are made before each look, and how long each version is loaded in a round.
 *
 * The first look comes after `durationMs`. Each further one comes after half as many blocks again, as long as
 * the fresh blocks that would confirm a hit still fit into `limitMs`.
 *
 * @param rounds before the first look; null: chosen so that a window takes about 2 s, from 20 to 60.
 */
export function planComparison(given: {
  readonly durationMs: number;
  readonly limitMs: number;
  readonly rounds: number | null;
}): ComparisonPlan {
  const usual = Math.round(given.durationMs / (2 * USUAL_WINDOW_MS));
  const rounds = given.rounds ?? Math.min(MOST_ROUNDS, Math.max(FEWEST_ROUNDS, usual));
  const first = Math.ceil(rounds / ROUNDS_PER_BLOCK);
  const windowMs = given.durationMs / (first * WINDOWS_PER_BLOCK);
  const budget = Math.floor(given.limitMs / (windowMs * WINDOWS_PER_BLOCK) + 1e-9);
  const most = searchBlocks(budget);
  const looks = [first];
  for (let last = first; last < most && looks.length < MOST_LOOKS; looks.push(last))
    last = Math.min(most, Math.ceil(last * GROWTH));
  const early = earlyLooks(first).filter((blocks) => blocks <= most);
  return { windowMs, looks: [...early, ...looks], early: early.length };
}

function earlyLooks(first: number): number[] {
  if (first <= EARLY_BLOCKS) return [];
  const looks = [EARLY_BLOCKS];
  for (let next = Math.ceil(EARLY_BLOCKS * GROWTH); next * SAVED <= first; next = Math.ceil(next * GROWTH))
    looks.push(next);
  return looks.slice(0, MOST_EARLY_LOOKS);
}

/** How many fresh blocks are first made to confirm a hit after this many blocks. */
export const confirmingBlocks = (blocks: number): number => Math.max(FEWEST_CONFIRMING_BLOCKS, Math.ceil(blocks / 2));

/**
 * How many fresh blocks there are in all at a look of a confirmation, from 1, if time allows: at the third one as many
 * as a whole search may have.
 */
export const freshBlocks = ({ looks }: ComparisonPlan, searched: number, look: number): number =>
  look < 3 ? look * confirmingBlocks(searched) : Math.max(3 * confirmingBlocks(searched), looks.at(-1) ?? 0);

/**
 * How often both versions are started again at each look of a confirmation: the first ones are enough where starts
 * hardly differ, and the more they do, the more of them it takes.
 */
const STARTS_OF_LOOKS: readonly number[] = [2, 2, 4];

/** The starts among which the fresh blocks of a look, from 1, are shared: no more than have enough of them each. */
export const startsOfLook = (look: number, blocks: number, fewestBlocks: number): number =>
  Math.max(1, Math.min(STARTS_OF_LOOKS[look - 1] ?? 1, Math.floor(blocks / fewestBlocks)));

/** The most blocks to search with if a confirmation must fit into the budget as well. */
export function searchBlocks(budget: number): number {
  let blocks = 0;
  while (blocks + 1 + confirmingBlocks(blocks + 1) <= budget) blocks += 1;
  return blocks;
}

/**
 * The order of the two versions in each round. A block is base, head, head, base or head, base, base, head, by a coin
 * from the seed.
 *
 * Within a block a trend that is linear in time and an advantage of being first or second cancel out (ABBA,
 * counterbalancing). The coin makes the comparison a randomized experiment: when there is no difference, swapping the
 * names of the versions in a block turns the sign of its result and nothing else, so that each sign has probability 1/2
 * whatever the noise is, with drift, bursts or memory (Fisher 1935, The Design of Experiments, chapter 3).
 *
 * The coin is also from the run: a seed that a workflow fixes would make the coins of all its comparisons fall alike,
 * and an accident of that one fall would be in all of them.
 *
 * @param run what no other run has, such as its number.
 * @returns a function that gives the order of round `index`.
 */
export function roundOrders(seed: string, run: string): (index: number) => ComparisonRound['order'] {
  const random = createRandom(`${seed}/rounds of ${run}`);
  const baseFirst: boolean[] = [];
  return (index) => {
    const block = Math.floor(index / ROUNDS_PER_BLOCK);
    while (baseFirst.length <= block) baseFirst.push(random.uniform() < 0.5);
    const opens = baseFirst[block] === true;
    return opens === (index % ROUNDS_PER_BLOCK === 0) ? 'base-first' : 'head-first';
  };
}

/**
 * The share of the whole error that look number `look` (from 0) may spend: the early ones just as much as a large
 * change needs, and each one after them half of what is left; the last look spends all of it. So the shares add up to
 * 1, and the probability of a wrong result at any look is at most the whole error, however the looks depend on each
 * other (Bonferroni's inequality; spending of an error over looks: Lan and DeMets 1983, Biometrika 70:659).
 */
export function shareOfLook({ early }: Pick<ComparisonPlan, 'early'>, look: number, last: boolean): number {
  const spent = (looks: number): number => (looks === 0 ? 0 : EARLY_SHARE + (looks - 1) * FURTHER_EARLY_SHARE);
  if (look < early) return last ? 1 - spent(look) : spent(look + 1) - spent(look);
  const usual = look - early;
  return (1 - spent(early)) * 2 ** -(last ? usual : usual + 1);
}
