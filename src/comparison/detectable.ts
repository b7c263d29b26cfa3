import type { Interval } from '../model/units.ts';
import type { Metric } from './metrics.ts';
import { normalQuantile } from './normal.ts';

/** The probability with which the minimum detectable effect is detected. */
const POWER = 0.8;

/**
 * The change for the worse that would have been called `slower` with 80 % power by as many rounds with the same noise.
 *
 * The distance h from the estimate to the bound of an interval with error a is z(1 - a/2) standard errors in large samples (Lehmann
 * 1963, Annals of Mathematical Statistics 34:1507), and the bound of a further run lies beyond the margin with probability
 * 0.8 when the true change is margin + h + z(0.8) standard errors (the usual formula for the size of a sample, e.g. Lachin
 * 1981, Controlled Clinical Trials 2:93).
 *
 * @param bounds on the scale of the effects, as `estimate` and `margin`.
 */
export function detectableEffect(
  metric: Pick<Metric, 'better' | 'scale'>,
  estimate: number,
  bounds: Interval & { readonly error: number },
  margin: number,
): number {
  const distance = metric.better === 'lower' ? estimate - bounds.low : bounds.high - estimate;
  const effect = margin + distance * (1 + normalQuantile(POWER) / normalQuantile(1 - bounds.error / 2));
  if (metric.scale === 'difference') return effect;
  return metric.better === 'lower' ? Math.exp(effect) - 1 : 1 - Math.exp(-effect);
}
