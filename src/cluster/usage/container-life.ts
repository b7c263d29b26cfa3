import type { Sample, Series } from './samples.ts';

/**
 * One container (or the network of one pod, or one node) over a window, however often it was started anew. The
 * container runtime gives each start a cgroup of its own, so that Prometheus has a series for each.
 */
export interface Life {
  /** The series of its starts, one after the other: none overlaps the next. Empty when it was not measured. */
  readonly series: readonly Series[];
  /** When it was started, as far as that is known: Unix times in seconds. */
  readonly starts: readonly number[];
  /** When it ended for good; null when it runs, or nobody knows. */
  readonly endedAt: number | null;
}

/** A span of time with one value for all of it; Unix times in seconds, open ends are infinite. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly value: number;
}

interface Window {
  readonly from: number;
  readonly to: number;
}

/** Samples further apart than this, and than three times their usual distance, have a hole between them. */
const SHORTEST_HOLE_SECONDS = 15;
const HOLE_OF_DISTANCES = 3;

/**
 * The life that some series tell of, which are all of one container.
 *
 * Where several programs scrape the same container, the same counter is there twice. Two starts of a container
 * never run at the same time, so of two series that share more than half of the shorter one's time only the one with
 * more samples is taken.
 */
export function lifeOf(series: readonly Series[], known: Partial<Pick<Life, 'starts' | 'endedAt'>> = {}): Life {
  const fullest = series
    .filter(({ samples }) => samples.length > 0)
    .sort((a, b) => b.samples.length - a.samples.length);
  const distinct = fullest.reduce<Series[]>(
    (kept, one) => (kept.some((other) => repeats(one, other)) ? kept : [...kept, one]),
    [],
  );
  const ordered = distinct.sort((a, b) => firstOf(a) - firstOf(b));
  const apart = ordered.map((one, index) => before(one, ordered[index + 1]));
  return { series: apart, starts: known.starts ?? [], endedAt: known.endedAt ?? null };
}

const firstOf = ({ samples }: Series): number => samples[0]?.time ?? -Infinity;
const lastOf = ({ samples }: Series): number => samples.at(-1)?.time ?? -Infinity;

function repeats(one: Series, other: Series): boolean {
  const shared = Math.min(lastOf(one), lastOf(other)) - Math.max(firstOf(one), firstOf(other));
  const shorter = Math.min(lastOf(one) - firstOf(one), lastOf(other) - firstOf(other));
  return shared >= 0 && shared >= shorter / 2;
}

/** The samples of a start until the next one has its first: what is shown of it afterwards is a remainder. */
const before = (one: Series, next: Series | undefined): Series =>
  next === undefined ? one : { ...one, samples: one.samples.filter(({ time }) => time < firstOf(next)) };

/** Samples of all starts. */
export const samplesOf = ({ series }: Life): number => series.reduce((sum, { samples }) => sum + samples.length, 0);

/** Whether everything until a moment can be told: a sample is that late, or there will be none any more. */
export const reaches = ({ series, endedAt }: Life, time: number): boolean =>
  endedAt !== null || series.some((one) => lastOf(one) >= time);

/**
 * The increase per second of a counter over time.
 *
 * Between two neighbouring samples the rate is constant, as nothing is known of what happened there. A counter that
 * fell began again at 0. So does the one of the next start: it grew from 0, at the start when that is known, to its
 * first sample. Before the first start and after the end nothing is used.
 *
 * @param from starts before this moment are not looked at: most of what such a counter shows was used before it.
 */
export function ratesOf(life: Life, from: number): Stretch[] {
  const stretches = life.series.flatMap((one, index) => {
    const [first, previous] = [one.samples[0], life.series[index - 1]?.samples.at(-1)];
    return [
      ...(first === undefined ? [] : untilFirst(first, previous, startOf(life, first, previous, from))),
      ...pairsOf(one).map(rateBetween),
    ];
  });
  return life.endedAt === null
    ? stretches
    : [...stretches, nothing(Math.max(life.endedAt, ...life.series.slice(-1).map(lastOf)), Infinity)];
}

/** From the last sample of the previous start, if there was one, to the first of this one. */
function untilFirst(first: Sample, previous: Sample | undefined, start: number | undefined): Stretch[] {
  const begin = start ?? previous?.time;
  if (begin === undefined) return [];
  return [
    nothing(previous?.time ?? -Infinity, begin),
    { from: begin, to: first.time, value: first.value / (first.time - begin) },
  ].filter(hasLength);
}

/** When the counter of a start began at 0; undefined when nobody knows, or it was before the window. */
function startOf({ starts }: Life, first: Sample, previous: Sample | undefined, from: number): number | undefined {
  const possible = starts.filter((time) => time >= (previous?.time ?? from) && time < first.time);
  return possible.length === 0 ? undefined : Math.max(...possible);
}

const nothing = (from: number, to: number): Stretch => ({ from, to, value: 0 });
const hasLength = ({ from, to }: Stretch): boolean => to > from;

interface Pair {
  readonly before: Sample;
  readonly after: Sample;
}

const pairsOf = ({ samples }: Series): Pair[] =>
  samples.slice(1).flatMap((after, index) => {
    const earlier = samples[index];
    return earlier === undefined || after.time <= earlier.time ? [] : [{ before: earlier, after }];
  });

const rateBetween = ({ before: earlier, after }: Pair): Stretch => ({
  from: earlier.time,
  to: after.time,
  value: (after.value >= earlier.value ? after.value - earlier.value : after.value) / (after.time - earlier.time),
});

/**
 * A gauge over a window.
 *
 * A sample holds until the next one, the last one until the end of the window, and the first one stands for the time
 * before it. A start that ended holds its last level for as long as its samples are usually apart, and then nothing
 * until the next start is seen. Where the window has no sample, the last one before it holds.
 */
export function levelsOf(life: Life, window: Window): Stretch[] {
  const within = life.series
    .map((one) => ({ ...one, samples: one.samples.filter(({ time }) => time >= window.from && time <= window.to) }))
    .filter(({ samples }) => samples.length > 0);
  const series = within.length > 0 ? within : lastBefore(life.series, window);
  const apart = usualDistance(life);
  return series
    .flatMap((one, index) => {
      const [first, last, previous, next] = [
        one.samples[0],
        one.samples.at(-1),
        series[index - 1]?.samples.at(-1),
        series[index + 1]?.samples[0],
      ];
      if (first === undefined || last === undefined) return [];
      const held = Math.min(
        next?.time ?? Infinity,
        life.endedAt !== null && next === undefined ? Math.max(life.endedAt, last.time) : Infinity,
      );
      const until = next === undefined ? held : Math.min(held, last.time + (apart ?? Infinity));
      const start = previous === undefined ? (startOf(life, first, previous, window.from) ?? -Infinity) : first.time;
      return [
        ...(previous === undefined
          ? [nothing(-Infinity, start), { from: start, to: first.time, value: first.value }]
          : []),
        ...pairsOf(one).map((pair) => ({ from: pair.before.time, to: pair.after.time, value: pair.before.value })),
        { from: last.time, to: until, value: last.value },
        nothing(until, next?.time ?? Infinity),
      ];
    })
    .filter(hasLength);
}

function lastBefore(series: readonly Series[], { from }: Window): Series[] {
  const earlier = series.map((one) => ({ ...one, samples: one.samples.filter(({ time }) => time < from) }));
  const last = earlier.filter(({ samples }) => samples.length > 0).at(-1);
  return last === undefined ? [] : [{ ...last, samples: last.samples.slice(-1) }];
}

function usualDistance({ series }: Life): number | null {
  const distances = series
    .flatMap(pairsOf)
    .map((pair) => pair.after.time - pair.before.time)
    .sort((a, b) => a - b);
  return distances[Math.floor(distances.length / 2)] ?? null;
}

/** The stretches without those in which samples are missing: longer ones than the distance of samples explains. */
export function withoutHoles(life: Life, stretches: readonly Stretch[], window: Window): Stretch[] {
  const longest = Math.max(SHORTEST_HOLE_SECONDS, HOLE_OF_DISTANCES * (usualDistance(life) ?? 0));
  return stretches.filter(
    ({ from, to, value }) => value === 0 || Math.min(to, window.to) - Math.max(from, window.from) <= longest,
  );
}
