import type { Stretch } from './container-life.ts';

/** Unix times in seconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * What several containers used together, over those parts of a span in which each of them has a value: a part of
 * the sum would pass for the whole.
 *
 * @param tracks the stretches of each container, in order; none may overlap another of the same container.
 */
export function summed(tracks: readonly (readonly Stretch[])[], { from, to }: Span): Stretch[] {
  if (tracks.length === 0) return [];
  const clipped = tracks.map((track) =>
    track
      .map((one) => ({ ...one, from: Math.max(one.from, from), to: Math.min(one.to, to) }))
      .filter((one) => one.to > one.from),
  );
  const edges = [...new Set(clipped.flat().flatMap((one) => [one.from, one.to]))].sort((a, b) => a - b);
  const next = clipped.map(() => 0);
  return edges.slice(1).flatMap((end, index) => {
    const begin = edges[index] ?? end;
    let sum = 0;
    for (const [number, track] of clipped.entries()) {
      while ((track[next[number] ?? 0]?.to ?? Infinity) <= begin) next[number] = (next[number] ?? 0) + 1;
      const stretch = track[next[number] ?? 0];
      if (stretch === undefined || stretch.from > begin) return [];
      sum += stretch.value;
    }
    return [{ from: begin, to: end, value: sum }];
  });
}

/** The mean over those parts of a span that have a value; null when there are none. */
export function meanOf(sum: readonly Stretch[], span: Span): number | null {
  const { used, covered } = within(sum, span);
  return covered === 0 ? null : used / covered;
}

/** The highest value; null when there is none. */
export const peakOf = (sum: readonly Stretch[]): number | null =>
  sum.length === 0 ? null : sum.reduce((most, { value }) => Math.max(most, value), -Infinity);

/** One sum as a share of another, where both have a value. */
export interface ShareOfSum {
  /** The one over the time that both cover, divided by the other over the same time. */
  readonly mean: number;
  /** The highest at any moment. */
  readonly peak: number;
}

/** @returns null when the whole was never above 0 where the part has a value. */
export function shareOf(part: readonly Stretch[], whole: readonly Stretch[]): ShareOfSum | null {
  let [used, allowed, peak] = [0, 0, 0];
  for (const one of part) {
    for (const other of whole) {
      const seconds = Math.min(one.to, other.to) - Math.max(one.from, other.from);
      if (seconds <= 0) continue;
      used += one.value * seconds;
      allowed += other.value * seconds;
      if (other.value > 0) peak = Math.max(peak, one.value / other.value);
    }
  }
  return allowed > 0 ? { mean: used / allowed, peak } : null;
}

/** Shorter gaps come from adding up times, not from missing samples. */
const ROUNDING_SECONDS = 1e-6;

/** Value times seconds over a whole span; null when a part of it has no value. */
export function totalOf(sum: readonly Stretch[], span: Span): number | null {
  const { used, covered } = within(sum, span);
  return span.to - span.from - covered > ROUNDING_SECONDS ? null : used;
}

function within(sum: readonly Stretch[], span: Span): { used: number; covered: number } {
  let [used, covered] = [0, 0];
  for (const { from, to, value } of sum) {
    const seconds = Math.min(to, span.to) - Math.max(from, span.from);
    if (seconds <= 0) continue;
    used += value * seconds;
    covered += seconds;
  }
  return { used, covered };
}
