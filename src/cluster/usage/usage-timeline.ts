import { rateBetween, type Sample, type Series } from './samples.ts';

/** A stretch of time, in seconds since the window began, with one value for all of it. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly value: number;
}

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

/** Samples further apart than this, and than three times their usual distance, have a hole between them. */
const SHORTEST_HOLE_SECONDS = 15;
const HOLE_OF_DISTANCES = 3;

/**
 * The increase per second of counters in each step, added up.
 *
 * Between two neighbouring samples of a counter the rate is constant, as nothing is known of what
 * happened there. A step has the mean over that part of it which every counter covers; null when
 * there is no such part: before the first sample, after the last one, and in a hole, where samples
 * are missing.
 *
 * @param tracks each the series that follow each other for one container, which has a new one after a restart.
 */
export const ratesOverTime = (tracks: readonly (readonly Series[])[], steps: Steps): (number | null)[] =>
  overTime(tracks, steps, rateBetween);

/** The mean of gauges in each step, added up: a sample holds until the next one. Null as above. */
export const levelsOverTime = (tracks: readonly (readonly Series[])[], steps: Steps): (number | null)[] =>
  overTime(tracks, steps, ({ value }) => value);

type ValueBetween = (before: Sample, after: Sample) => number;

function overTime(tracks: readonly (readonly Series[])[], steps: Steps, valueBetween: ValueBetween): (number | null)[] {
  const stretches = tracks.map((track) => track.flatMap((series) => stretchesOf(series, steps.start, valueBetween)));
  return Array.from({ length: Math.ceil(steps.windowSeconds / steps.stepSeconds) }, (_, index) => {
    const from = index * steps.stepSeconds;
    return meanOfSum(stretches, from, Math.min(from + steps.stepSeconds, steps.windowSeconds));
  });
}

function stretchesOf({ samples }: Series, start: number, valueBetween: ValueBetween): Stretch[] {
  const pairs = samples.slice(1).map((after, index) => ({ before: samples[index] ?? after, after }));
  const hole = Math.max(
    SHORTEST_HOLE_SECONDS,
    HOLE_OF_DISTANCES * median(pairs.map(({ before, after }) => after.time - before.time)),
  );
  return pairs
    .filter(({ before, after }) => after.time > before.time && after.time - before.time <= hole)
    .map(({ before, after }) => ({
      from: before.time - start,
      to: after.time - start,
      value: valueBetween(before, after),
    }));
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** The mean of the sum of all tracks over those parts of a step in which each of them has a value. */
function meanOfSum(tracks: readonly (readonly Stretch[])[], from: number, to: number): number | null {
  if (tracks.length === 0) return null;
  const inStep = tracks.map((track) => track.filter((stretch) => stretch.to > from && stretch.from < to));
  const edges = [from, to, ...inStep.flat().flatMap((stretch) => [stretch.from, stretch.to])].filter(
    (time) => time >= from && time <= to,
  );
  const times = [...new Set(edges)].sort((a, b) => a - b);
  let [sum, covered] = [0, 0];
  times.slice(1).forEach((end, index) => {
    const begin = times[index] ?? end;
    const values = inStep.map((track) => track.find((stretch) => stretch.from <= begin && stretch.to >= end)?.value);
    if (values.some((value) => value === undefined)) return;
    sum += (end - begin) * values.reduce<number>((all, value) => all + (value ?? 0), 0);
    covered += end - begin;
  });
  return covered === 0 ? null : sum / covered;
}
