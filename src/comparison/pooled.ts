import { createRandom } from '../load/random.ts';
import type { Comparison } from '../model/comparison.ts';
import { type Side, SIDES } from '../model/sides.ts';

type LatencyHistogram = NonNullable<Comparison['latencyHistograms']>['base'];

/** The histograms of the windows of one block. */
export type BlockHistograms = Readonly<Record<Side, readonly LatencyHistogram[]>>;

const SHARE = 0.99;
const RESAMPLES = 199;
/** Of fewer blocks, samples say nothing of what other blocks would have been. */
const FEWEST_BLOCKS = 6;

/**
 * The 99th percentile of all answers of all windows together, in both sides, with the ratio and an interval for it from
 * blocks that are drawn again (percentile bootstrap of blocks, Efron 1979; requests of one window are not independent,
 * blocks nearly are). It describes, and no verdict rests on it: with so few blocks such an interval misses somewhat
 * more often than in 5 % of the cases.
 *
 * @returns null where a side has no answer.
 */
export function pooledP99(blocks: readonly BlockHistograms[], seed: string): Comparison['pooledP99'] {
  const edges = [
    ...new Set(blocks.flatMap((block) => SIDES.flatMap((side) => block[side].flatMap(({ edgesMs }) => edgesMs)))),
  ].sort((a, b) => a - b);
  const places = new Map(edges.map((edge, place) => [edge, place]));
  const counts = blocks.map((block) => ({
    base: countsOver(block.base, places, edges.length),
    head: countsOver(block.head, places, edges.length),
  }));
  const percentile = (drawn: readonly (typeof counts)[number][], side: Side): number | null =>
    percentileOf(
      drawn.map((block) => block[side]),
      edges,
    );
  const [base, head] = [percentile(counts, 'base'), percentile(counts, 'head')];
  if (base === null || head === null || base === 0) return undefined;
  const random = createRandom(`${seed}/pooled`);
  const ratios = Array.from({ length: counts.length < FEWEST_BLOCKS ? 0 : RESAMPLES }, () => {
    const drawn = counts.flatMap(() => counts[random.integer(counts.length)] ?? []);
    return (percentile(drawn, 'head') ?? head) / (percentile(drawn, 'base') ?? base);
  }).sort((a, b) => a - b);
  const at = (share: number): number => ratios[Math.round(share * (ratios.length - 1))] ?? NaN;
  return {
    base,
    head,
    estimate: head / base,
    interval: ratios.length === 0 ? null : { low: at(0.025), high: at(0.975) },
  };
}

function countsOver(
  histograms: readonly LatencyHistogram[],
  places: ReadonlyMap<number, number>,
  length: number,
): Float64Array {
  const counts = new Float64Array(length);
  for (const { edgesMs, counts: each } of histograms)
    each.forEach((count, bucket) => {
      const place = places.get(edgesMs[bucket] ?? NaN) ?? 0;
      counts[place] = (counts[place] ?? 0) + count;
    });
  return counts;
}

/** In the bucket that it falls into, answers are taken to be spread evenly. */
function percentileOf(parts: readonly Float64Array[], edges: readonly number[]): number | null {
  const sums = edges.map((_, place) => parts.reduce((sum, part) => sum + (part[place] ?? 0), 0));
  const all = sums.reduce((sum, count) => sum + count, 0);
  if (all === 0) return null;
  let below = 0;
  for (const [place, count] of sums.entries()) {
    if (count > 0 && below + count >= SHARE * all) {
      const [from = 0, to = from] = [edges[place], edges[place + 1]];
      return from + ((to - from) * (SHARE * all - below)) / count;
    }
    below += count;
  }
  return edges.at(-1) ?? null;
}
