import { areBeyond, boundsByStarts, type StartEffects } from './between-starts.ts';
import { centreOf } from './judge.ts';
import { type Change, directionOf, marginOf, type MeasuredRound, type Metric, pairFigures } from './metrics.ts';
import { ROUNDS_PER_BLOCK } from './plan.ts';
import type { Bounds } from './signed-rank.ts';

/** This many other starts of both versions must confirm a hit together, if they can be restarted. */
const FEWEST_STARTS = 2;
/** A start with fewer blocks, for example because time ran out, counts neither for nor against a hit. */
export const FEWEST_BLOCKS_OF_A_START = 3;

interface HeldAgainstStarts {
  /** Why other starts do not confirm a hit; null when they do. */
  readonly against: string | null;
  readonly refuted: boolean;
  /**
   * The interval with each other start as one observation, on the scale of the effects; missing when there are too few
   * starts, and for failures, which come in bursts and are judged by their total over all starts.
   */
  readonly bounds?: Bounds;
}

/** Whether other starts confirm a hit, with each of them as one observation. */
export function heldAgainstStarts(
  metric: Metric,
  { searched, fresh }: { readonly searched: readonly MeasuredRound[]; readonly fresh: readonly MeasuredRound[] },
  { change, tolerance, error }: { readonly change: Change; readonly tolerance: number; readonly error: number },
): HeldAgainstStarts {
  const toward = directionOf(metric, change);
  const effectsIn = (rounds: readonly MeasuredRound[]): StartEffects => {
    const paired = pairFigures(metric, rounds);
    return { centre: centreOf(metric, paired), effects: paired.effects };
  };
  const others = [...new Set(fresh.map(({ start = 0 }) => start))]
    .map((start) => effectsIn(fresh.filter((round) => (round.start ?? 0) === start)))
    .filter(({ effects }) => effects.length >= FEWEST_BLOCKS_OF_A_START);
  if (others.length < FEWEST_STARTS)
    return {
      against: `it is not confirmed on other starts: within compare-limit, only ${String(others.length)} of the ${String(FEWEST_STARTS)} required starts had ${String(FEWEST_BLOCKS_OF_A_START * ROUNDS_PER_BLOCK)} rounds that count.`,
      refuted: false,
    };
  if (metric.byTotal === true) return { against: null, refuted: false };
  const margin = marginOf(metric, tolerance);
  const bounds = boundsByStarts(effectsIn(searched), others, error);
  const mean = others.reduce((sum, { centre }) => sum + centre, 0) / others.length;
  const said = { bounds, refuted: toward * mean <= margin };
  if (areBeyond(others, bounds, { margin, toward, isRatio: metric.scale === 'ratio' }))
    return { ...said, against: null };
  const count = `${String(others.length)} other starts of both versions`;
  return {
    ...said,
    against: said.refuted
      ? `on ${count} the change was within the tolerance: the first start was unusual, or the change is about as small as the tolerance.`
      : `${count} differ too much from one another to tell the change from chance: it is too close to the tolerance for that spread.`,
  };
}
