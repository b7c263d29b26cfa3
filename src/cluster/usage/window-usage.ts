import type { Sample, Series } from './samples.ts';

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
 * @param series CPU counters, one a container; their sum is taken.
 * @param stretches in order, not overlapping.
 * @returns null where a counter has no sample before the beginning or after the end.
 */
export function cpuSecondsOf(series: readonly Series[], stretches: readonly LoadedTime[]): (number | null)[] {
  if (series.length === 0) return stretches.map(() => null);
  const counters = series.map(({ samples }) => withoutResets(samples));
  return stretches.map(({ start, end }) => {
    const used = counters.map((samples) => {
      const [before, after] = [counterAt(samples, start, stretches), counterAt(samples, end, stretches)];
      return before === null || after === null ? null : after - before;
    });
    return used.reduce((sum, value) => (sum === null || value === null ? null : sum + value), 0);
  });
}

/** A counter that fell began again at 0. */
function withoutResets(samples: readonly Sample[]): Sample[] {
  let lost = 0;
  return samples.map(({ time, value }, index) => {
    const before = samples[index - 1]?.value ?? 0;
    if (value < before) lost += before;
    return { time, value: value + lost };
  });
}

function counterAt(samples: readonly Sample[], time: number, stretches: readonly LoadedTime[]): number | null {
  const next = samples.findIndex((sample) => sample.time >= time);
  const [before, after] = [samples[next - 1], samples[next]];
  if (after !== undefined && after.time === time) return after.value;
  if (before === undefined || after === undefined) return null;
  const loaded = loadedBetween(before.time, after.time, stretches);
  const share =
    loaded > 0
      ? loadedBetween(before.time, time, stretches) / loaded
      : (time - before.time) / (after.time - before.time);
  return before.value + (after.value - before.value) * share;
}

const loadedBetween = (from: number, to: number, stretches: readonly LoadedTime[]): number =>
  stretches.reduce((sum, { start, end }) => sum + Math.max(0, Math.min(to, end) - Math.max(from, start)), 0);

/**
 * The memory of a version in each stretch: the highest sample in it, or else the last one before its end, summed over
 * the containers.
 *
 * @returns null where a container has no sample until the end of the stretch.
 */
export function memoryBytesOf(series: readonly Series[], stretches: readonly LoadedTime[]): (number | null)[] {
  if (series.length === 0) return stretches.map(() => null);
  return stretches.map(({ start, end }) => {
    const used = series.map(({ samples }) => {
      const until = samples.filter(({ time }) => time <= end);
      const within = until.filter(({ time }) => time >= start).map(({ value }) => value);
      return within.length > 0 ? Math.max(...within) : (until.at(-1)?.value ?? null);
    });
    return used.reduce((sum, value) => (sum === null || value === null ? null : sum + value), 0);
  });
}

/** Whether every series has a sample at or after a moment: then everything until it can be told. */
export const reaches = (series: readonly Series[], time: number): boolean =>
  series.every(({ samples }) => (samples.at(-1)?.time ?? -Infinity) >= time);
