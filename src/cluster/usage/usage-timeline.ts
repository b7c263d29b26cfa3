import { levelsOf, ratesOf, withoutHoles, type Life, type Stretch } from './container-life.ts';
import { meanOf, summed, type Span } from './summed-use.ts';

/** The steps of equal length, but for the last, that a window is cut into. */
export interface Steps {
  /** Unix time in seconds at which the window began. */
  readonly start: number;
  readonly windowSeconds: number;
  readonly stepSeconds: number;
}

const MOST_STEPS = 120;

/** Steps of a second, or of the next power of two that makes at most 120 of them. */
export function stepsOf(start: number, end: number): Steps {
  const windowSeconds = Math.max(0, end - start);
  let stepSeconds = 1;
  while (windowSeconds / stepSeconds > MOST_STEPS) stepSeconds *= 2;
  return { start, windowSeconds, stepSeconds };
}

/**
 * The increase per second of counters in each step, added up: the mean over that part of it which every counter covers;
 * null when there is no such part: before the first sample, after the last one, and in a hole, where samples
 * are missing.
 */
export const ratesOverTime = (lives: readonly Life[], steps: Steps): (number | null)[] =>
  overTime(lives, steps, (life, { from }) => ratesOf(life, from));

/** The mean of gauges in each step, added up. Null in a hole. */
export const levelsOverTime = (lives: readonly Life[], steps: Steps): (number | null)[] =>
  overTime(lives, steps, levelsOf);

function overTime(
  lives: readonly Life[],
  steps: Steps,
  stretchesOf: (life: Life, window: Span) => Stretch[],
): (number | null)[] {
  const window = { from: steps.start, to: steps.start + steps.windowSeconds };
  const sum = summed(
    lives.map((life) => withoutHoles(life, stretchesOf(life, window), window)),
    window,
  );
  return Array.from({ length: Math.ceil(steps.windowSeconds / steps.stepSeconds) }, (_, index) => {
    const from = window.from + index * steps.stepSeconds;
    return meanOf(sum, { from, to: Math.min(from + steps.stepSeconds, window.to) });
  });
}
