import type { LoadSlice } from '../../model/load.ts';

/**
 * Merges the slices of a timeline into at most `most` of equal length, for a chart; a shorter remainder joins the one
 * before. Counts are exact. The p50 of merged slices is their mean weighted by answers, and the p99 their maximum,
 * because percentiles can't be added.
 */
export function coarserTimeline(timeline: readonly LoadSlice[], most = Infinity): LoadSlice[] {
  const [first] = timeline;
  if (first === undefined) return [];
  const each = Math.max(1, Math.ceil(timeline.length / most));
  const joined = Array.from({ length: Math.ceil(timeline.length / each) }, (_, index) =>
    join(timeline.slice(index * each, (index + 1) * each)),
  );
  const [beforeLast, last] = joined.slice(-2);
  if (beforeLast === undefined || last === undefined || last.seconds > beforeLast.seconds / 2) return joined;
  return [...joined.slice(0, -2), join([beforeLast, last])];
}

function join(slices: readonly LoadSlice[]): LoadSlice {
  const sum = (value: (slice: LoadSlice) => number): number => slices.reduce((total, slice) => total + value(slice), 0);
  const measured = slices.filter(({ p50Ms, p99Ms }) => p50Ms !== null && p99Ms !== null);
  const answered = sum((slice) => slice.answered);
  return {
    startSeconds: slices[0]?.startSeconds ?? 0,
    seconds: sum((slice) => slice.seconds),
    answered,
    failed: sum((slice) => slice.failed),
    p50Ms: measured.length === 0 ? null : sum((slice) => (slice.p50Ms ?? 0) * slice.answered) / answered,
    p99Ms: measured.length === 0 ? null : Math.max(...measured.map(({ p99Ms }) => p99Ms ?? 0)),
  };
}
