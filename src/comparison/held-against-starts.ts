import { areBeyond, boundsByStarts, type StartEffects } from './between-starts.ts';
import { centreOf } from './judge.ts';
import { type Change, directionOf, marginOf, type MeasuredRound, type Metric, pairFigures } from './metrics.ts';
import { ROUNDS_PER_BLOCK } from './plan.ts';
import type { Bounds } from './signed-rank.ts';

/** So many other starts of both versions must bear a hit out together, where they can be started again. */
const FEWEST_STARTS = 2;
/** A start of fewer blocks, as when time has ended it, speaks neither for a hit nor against it. */
export const FEWEST_BLOCKS_OF_A_START = 3;

interface HeldAgainstStarts {
  /** Why other starts do not bear a hit out; null when they do. */
  readonly against: string | null;
  readonly refuted: boolean;
  /** The interval with each other start as one observation, on the scale of the effects; missing where starts are too few, and of failures, which come in bursts and are judged by their total over all starts. */
  readonly bounds?: Bounds;
}

/** Whether other starts bear a hit out, each of them as one observation. */
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
      against: `it is not confirmed on another start: within compare-limit, ${String(others.length)} of the ${String(FEWEST_STARTS)} other starts that it takes had ${String(FEWEST_BLOCKS_OF_A_START * ROUNDS_PER_BLOCK)} rounds that count.`,
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
      ? `on ${count} the change was not beyond the tolerance: the first start was no usual one, or the change is as small as the tolerance.`
      : `${count} differ too much among themselves to tell it from what a start has by chance: the change is too near to the tolerance for that spread.`,
  };
}
