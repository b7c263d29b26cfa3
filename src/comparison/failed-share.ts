import { clopperPearson } from './binomial.ts';
import type { PairedFigures } from './metrics.ts';
import { signFlips } from './sign-flips.ts';
import type { Bounds } from './signed-rank.ts';

/**
 * The interval for the difference of the shares of failed requests, head - base, that holds it with a probability of at
 * least 1 - `error`: the wider, at each end, of two.
 *
 * The one knows how requests fail together (in bursts): by inverting the test of the total by sign flips, from the k-th
 * smallest to the k-th largest mean of a subset of the blocks, the subset being those whose sign a fall of the coins
 * turns (typical values: Hartigan 1969, Journal of the American Statistical Association 64:1303). The other knows how
 * many requests there were, so that "none of a hundred" is no proof of none in a thousand: from the exact binomial
 * bounds of the share of each version.
 *
 * @returns null when the blocks are too few for the error.
 */
export function failedShareInterval(
  paired: PairedFigures,
  error: number,
): (Bounds & { readonly error: number }) | null {
  const total = subsetMeans(paired, error);
  if (total === null) return null;
  const binomial = binomialBounds(paired, error);
  return { low: Math.min(total.low, binomial.low), high: Math.max(total.high, binomial.high), error };
}

function subsetMeans({ effects }: PairedFigures, error: number): Bounds | null {
  const { falls, signs, blocks } = signFlips(effects.length);
  const refused = Math.floor((error / 2) * falls + 1e-9);
  if (refused >= 1 && effects.every((effect) => effect === 0)) return { low: 0, high: 0 };
  const [sums, turned] = [new Float64Array(falls), new Float64Array(falls)];
  for (let block = 0; block < blocks; block++) {
    for (let fall = 0; fall < falls; fall++) {
      if (signs[block * falls + fall] !== -1) continue;
      turned[fall] = (turned[fall] ?? 0) + 1;
      sums[fall] = (sums[fall] ?? 0) + (effects[block] ?? 0);
    }
  }
  // A fall that turns no sign has no subset, and counts against every centre.
  const sorted = sums
    .map((sum, fall) => sum / (turned[fall] ?? 0))
    .filter((mean) => !Number.isNaN(mean))
    .sort();
  const next = sorted.length;
  const without = falls - next;
  const k = refused - without;
  return k < 0 || next === 0
    ? null
    : { low: sorted[Math.min(k, next - 1)] ?? NaN, high: sorted[Math.max(0, next - 1 - k)] ?? NaN };
}

/** The bounds of each share have half of the error of a side. */
function binomialBounds({ failed, sent }: PairedFigures, error: number): Bounds {
  const [base, head] = [
    clopperPearson(failed.base, sent.base, error / 2),
    clopperPearson(failed.head, sent.head, error / 2),
  ];
  return { low: head.low - base.high, high: head.high - base.low };
}

/**
 * So many requests for each version are the least of which none failed that show a difference below `margin`.
 */
export const requestsNeeded = (error: number, margin: number): number =>
  Math.ceil(Math.log(error / 4) / Math.log1p(-margin));
