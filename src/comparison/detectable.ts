import type { Interval } from '../model/units.ts';
import type { Metric } from './metrics.ts';

/**
 * So many times as far beyond the margin as the bound is from the estimate: the change that four of five such runs at
 * least would find and confirm.
 *
 * The distance from the estimate to the bound is about 2.3 standard errors in large samples (with an error of 2 % for
 * the interval: Lehmann 1963, Annals of Mathematical Statistics 34:1507). A confirmation has half as many blocks, so
 * that it takes √2 · (z(0.975) + z(0.8)) = 4 standard errors for a power of 80 % (the usual formula for the size of a
 * sample, e.g. Lachin 1981, Controlled Clinical Trials 2:93), and somewhat more for ranks and for starts.
 * docs/statistics.md has how often it is found.
 */
const DISTANCES = 2;

/**
 * The change for the worse that as many rounds with the same noise would have called `slower`, confirmed, with a power
 * of at least 80 %.
 *
 * @param bounds on the scale of the effects, as `estimate` and `margin`.
 */
export function detectableEffect(
  metric: Pick<Metric, 'better' | 'scale'>,
  estimate: number,
  bounds: Interval,
  margin: number,
): number {
  const distance = metric.better === 'lower' ? estimate - bounds.low : bounds.high - estimate;
  const effect = margin + DISTANCES * distance;
  if (metric.scale === 'difference') return effect;
  return metric.better === 'lower' ? Math.exp(effect) - 1 : 1 - Math.exp(-effect);
}
