import { levelsOf, ratesOf, type Life, type Stretch } from './container-life.ts';
import { peakOf, summed, totalOf } from './summed-use.ts';

/** A stretch of time in which a version was under load; Unix times in seconds. */
export interface LoadedTime {
  readonly start: number;
  readonly end: number;
}

/**
 * CPU seconds that a version used in each of the stretches in which it was under load.
 *
 * Samples are seconds apart, about as far as the stretches are long, so that the counter at a border has to be read
 * between two samples. It grows with the load: between stretches a version does nothing worth counting, and
 * in them the load is even. So the counter is taken as a straight line over the *loaded* time between the two samples.
 * A border is exact as soon as no load lies between it and a sample, and whatever one stretch gets too much of, its
 * neighbour gets too little.
 *
 * @param lives the CPU counters of the containers; their sum is taken.
 * @param stretches in order, not overlapping.
 * @returns null where a counter has no sample before the beginning or after the end.
 */
export function cpuSecondsOf(lives: readonly Life[], stretches: readonly LoadedTime[]): (number | null)[] {
  const all = { from: stretches[0]?.start ?? 0, to: stretches.at(-1)?.end ?? 0 };
  const sum = summed(
    lives.map((life) => ratesOf(life, all.from).flatMap((stretch) => underLoad(stretch, stretches))),
    all,
  );
  return stretches.map(({ start, end }) => totalOf(sum, { from: start, to: end }));
}

/** The same use, but all of it in the loaded parts of the stretch, if it has any. */
function underLoad(stretch: Stretch, loaded: readonly LoadedTime[]): Stretch[] {
  const parts = loaded
    .map(({ start, end }) => ({ from: Math.max(start, stretch.from), to: Math.min(end, stretch.to) }))
    .filter(({ from, to }) => to > from);
  const seconds = parts.reduce((sum, { from, to }) => sum + to - from, 0);
  if (seconds === 0 || stretch.value === 0) return [stretch];
  const value = (stretch.value * (stretch.to - stretch.from)) / seconds;
  return parts.map((part) => ({ ...part, value }));
}

/**
 * The most memory that a version had in each stretch, all its containers at the same moment.
 *
 * @returns null where a container has no sample until the end of the stretch.
 */
export const memoryBytesOf = (lives: readonly Life[], stretches: readonly LoadedTime[]): (number | null)[] =>
  stretches.map(({ start, end }) => {
    const span = { from: start, to: end };
    return peakOf(
      summed(
        lives.map((life) => levelsOf(life, span)),
        span,
      ),
    );
  });
