import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { loadSlice, Timeline, timelineSlices } from '../../../src/load/counts/timeline.ts';
import { GOOD } from '../engine/fakes.ts';

const REFUSED = { ...GOOD, status: 0, failure: 'refused' } as const;

function timelineOf(endings: readonly number[]): Timeline {
  const timeline = new Timeline();
  endings.forEach((ms) => {
    timeline.record(ms, GOOD, 0);
  });
  return timeline;
}

test('slices cover the window, and each request is in that in which it ended', () => {
  const timeline = timelineOf([0, 62, 63, 130]);
  timeline.record(100, REFUSED, 0);
  expect(timelineSlices(timeline.snapshot(), 150).map(loadSlice)).toEqual([
    { startSeconds: 0, seconds: 0.0625, answered: 2, failed: 0, p50Ms: 10, p99Ms: 10 },
    { startSeconds: 0.0625, seconds: 0.0625, answered: 1, failed: 1, p50Ms: 10, p99Ms: 10 },
    { startSeconds: 0.125, seconds: 0.025, answered: 1, failed: 0, p50Ms: 10, p99Ms: 10 },
  ]);
});

test('what ends after the window is counted in its last slice, and silence is a slice, too', () => {
  const slices = timelineSlices(timelineOf([0, 500]).snapshot(), 187.5).map(loadSlice);
  expect(slices.map((slice) => slice.answered)).toEqual([1, 0, 1]);
  expect(slices[1]).toMatchObject({ p50Ms: null, p99Ms: null });
});

test('nothing is lost and slices stay few, however long a run is', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(10_000_000), { maxLength: 100 }), (endings) => {
      const { slices, widthMs } = timelineOf(endings).snapshot();
      expect(slices.length).toBeLessThanOrEqual(160);
      expect(slices.reduce((sum, slice) => sum + slice.answered, 0)).toBe(endings.length);
      for (const ms of endings) expect(slices[Math.floor(ms / widthMs)]?.answered).toBeGreaterThan(0);
    }),
  );
});

test('timelines of workers add up to that of one', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(100_000)), fc.array(fc.nat(1000)), (a, b) => {
      const sum = new Timeline();
      sum.addSnapshot(timelineOf(b).snapshot());
      sum.addSnapshot(timelineOf(a).snapshot());
      expect(sum.snapshot()).toEqual(timelineOf([...a, ...b]).snapshot());
    }),
  );
});

test('a window without length has no slices', () => {
  expect(timelineSlices(timelineOf([]).snapshot(), 0)).toEqual([]);
});
