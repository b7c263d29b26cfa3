import { createRandom, type Random } from '../load/random.ts';

/** The maximum probability of finding a change in a series that has none. */
const ERROR = 0.05;
/** Each permutation is as likely as the order that was seen: the least p-value of so many is 1/200. */
const PERMUTATIONS = 199;
/** With fewer values on a side, a change can't be told from a single odd value. */
const FEWEST_ON_A_SIDE = 4;
/** Only the newest values of longer series are used, because the work grows with the square of the length. */
const MOST_VALUES = 400;

/** A place where the values of a series change. */
export interface ChangePoint {
  /** The index of the first value after the change. */
  readonly index: number;
  /** The probability of such a split, or a clearer one, if the order of the values meant nothing. */
  readonly pValue: number;
  /** The means of the values since the previous change point, and up to the next one. */
  readonly before: number;
  readonly after: number;
}

interface Split {
  readonly from: number;
  readonly at: number;
  readonly until: number;
  readonly statistic: number;
}

/**
 * Where a series changes its level or its spread, by E-divisive means (Matteson and James 2014, Journal of the American
 * Statistical Association 109:334, with exponent 1): the split of a segment whose two sides have the largest energy
 * distance; it stands when at most 5 % of the orders of the values have a split as clear. Then each side is looked at
 * in the same way. Nothing is assumed of the distribution of the values.
 *
 * @param values in the order of time; equal seeds give equal results.
 */
export function changePoints(values: readonly number[], seed = 'change points'): ChangePoint[] {
  const skipped = Math.max(0, values.length - MOST_VALUES);
  const seen = values.slice(skipped);
  const random = createRandom(seed);
  const found: { at: number; pValue: number }[] = [];
  for (;;) {
    const ends = [0, ...found.map(({ at }) => at).sort((a, b) => a - b), seen.length];
    const segments = ends.slice(1).map((until, index) => ({ from: ends[index] ?? 0, until }));
    const best = clearest(seen, segments);
    if (best === null) break;
    let asClear = 1;
    for (let permutation = 0; permutation < PERMUTATIONS; permutation++) {
      // Values are only exchanged within their segment, so earlier findings stay.
      const other = segments.flatMap(({ from, until }) => shuffled(seen.slice(from, until), random));
      if ((clearest(other, segments)?.statistic ?? 0) >= best.statistic) asClear += 1;
    }
    const pValue = asClear / (PERMUTATIONS + 1);
    if (pValue > ERROR) break;
    found.push({ at: best.at, pValue });
  }
  const inOrder = found.sort((a, b) => a.at - b.at);
  return inOrder.map(({ at, pValue }, index) => ({
    index: at + skipped,
    pValue,
    before: meanOf(seen.slice(inOrder[index - 1]?.at ?? 0, at)),
    after: meanOf(seen.slice(at, inOrder[index + 1]?.at ?? seen.length)),
  }));
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function clearest(
  values: readonly number[],
  segments: readonly { readonly from: number; readonly until: number }[],
): Split | null {
  let best: Split | null = null;
  for (const { from, until } of segments) {
    const split = bestSplit(values, from, until);
    if (split !== null && split.statistic > (best?.statistic ?? 0)) best = split;
  }
  return best;
}

/** The sums of distances within and between both sides are updated from one split to the next. */
function bestSplit(values: readonly number[], from: number, until: number): Split | null {
  const length = until - from;
  if (length < 2 * FEWEST_ON_A_SIDE) return null;
  const distance = (a: number, b: number): number => Math.abs((values[a] ?? 0) - (values[b] ?? 0));
  let [left, between, right] = [0, 0, 0];
  for (let i = from; i < until; i++) for (let j = i + 1; j < until; j++) right += distance(i, j);
  let best: Split | null = null;
  for (let at = from + 1; at < until; at++) {
    const moved = at - 1;
    let [toLeft, toRight] = [0, 0];
    for (let i = from; i < moved; i++) toLeft += distance(i, moved);
    for (let i = at; i < until; i++) toRight += distance(i, moved);
    left += toLeft;
    right -= toRight;
    between += toRight - toLeft;
    const [m, n] = [at - from, until - at];
    if (m < FEWEST_ON_A_SIDE || n < FEWEST_ON_A_SIDE) continue;
    const energy = (2 * between) / (m * n) - left / ((m * (m - 1)) / 2) - right / ((n * (n - 1)) / 2);
    const statistic = ((m * n) / (m + n)) * energy;
    if (statistic > (best?.statistic ?? 0)) best = { from, at, until, statistic };
  }
  return best;
}

/** Fisher and Yates. */
function shuffled(values: readonly number[], random: Random): number[] {
  const order = [...values];
  for (let last = order.length - 1; last > 0; last--) {
    const other = random.integer(last + 1);
    [order[last], order[other]] = [order[other] ?? 0, order[last] ?? 0];
  }
  return order;
}
