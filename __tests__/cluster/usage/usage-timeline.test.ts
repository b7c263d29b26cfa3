import { describe, expect, test } from '@jest/globals';
import type { Series } from '../../../src/cluster/usage/samples.ts';
import { lifeOf, type Life } from '../../../src/cluster/usage/container-life.ts';
import { levelsOverTime, ratesOverTime, stepsOf } from '../../../src/cluster/usage/usage-timeline.ts';

const START = 1_700_000_000;

/** A series with samples at these seconds of the window. */
const series = (...samples: readonly (readonly [second: number, value: number])[]): Series => ({
  labels: {},
  samples: samples.map(([second, value]) => ({ time: START + second, value })),
});

const lives = (tracks: readonly (readonly Series[])[]): Life[] => tracks.map((track) => lifeOf(track));

const steps = (seconds: number) => stepsOf(START, START + seconds);

describe('the steps of a window', () => {
  const table = [
    { seconds: 0, stepSeconds: 1, count: 0 },
    { seconds: 2.5, stepSeconds: 1, count: 3 },
    { seconds: 120, stepSeconds: 1, count: 120 },
    { seconds: 121, stepSeconds: 2, count: 61 },
    { seconds: 3600, stepSeconds: 32, count: 113 },
  ];
  test.each(table)('of $seconds s are $count of $stepSeconds s', ({ seconds, stepSeconds, count }) => {
    expect(steps(seconds).stepSeconds).toBe(stepSeconds);
    expect(ratesOverTime([], steps(seconds))).toHaveLength(count);
  });
});

describe('rates over time', () => {
  const table = [
    {
      name: 'are constant between neighbouring samples',
      tracks: [[series([0, 0], [2, 1], [4, 5])]],
      seconds: 4,
      expected: [0.5, 0.5, 2, 2],
    },
    {
      name: 'are unknown before the first sample and after the last',
      tracks: [[series([1, 0], [3, 1])]],
      seconds: 5,
      expected: [null, 0.5, 0.5, null, null],
    },
    {
      name: 'take the measured part of a step for the whole',
      tracks: [[series([0.6, 0], [1.6, 1])]],
      seconds: 2,
      expected: [1, 1],
    },
    {
      name: 'weigh rates by their time within a step',
      tracks: [[series([0, 0], [0.25, 1], [1, 1])]],
      seconds: 1,
      expected: [1],
    },
    { name: 'count on after a reset', tracks: [[series([0, 10], [1, 11], [2, 0.5])]], seconds: 2, expected: [1, 0.5] },
    {
      name: 'are added up',
      tracks: [[series([0, 0], [2, 2])], [series([0, 0], [1, 3], [2, 3])]],
      seconds: 2,
      expected: [4, 1],
    },
    {
      name: 'are unknown where one of several is',
      tracks: [[series([0, 0], [2, 2])], [series([1, 0], [2, 3])]],
      seconds: 2,
      expected: [null, 4],
    },
    {
      name: 'are unknown when one was never measured',
      tracks: [[series([0, 0], [2, 2])], []],
      seconds: 2,
      expected: [null, null],
    },
    {
      name: 'go on in the series after a restart',
      tracks: [[series([0, 0], [1, 1]), series([2, 0], [3, 5])]],
      seconds: 3,
      expected: [1, 0, 5],
    },
    { name: 'of nothing are unknown', tracks: [], seconds: 2, expected: [null, null] },
    { name: 'have no value from one sample', tracks: [[series([1, 7])]], seconds: 2, expected: [null, null] },
  ];
  test.each(table)('$name', ({ tracks, seconds, expected }) => {
    const found = ratesOverTime(lives(tracks), steps(seconds));
    expect(found).toEqual(expected.map((value) => (value === null ? null : expect.closeTo(value, 6))));
  });

  test('leave a hole where samples are missing', () => {
    const found = ratesOverTime(lives([[series([0, 0], [2, 2], [4, 4], [30, 30], [32, 32])]]), steps(32));
    expect(found.slice(0, 4)).not.toContain(null);
    expect(found.slice(4, 30).every((value) => value === null)).toBe(true);
    expect(found.slice(30)).not.toContain(null);
  });

  test('take rare samples for what they are where all are rare', () => {
    expect(ratesOverTime(lives([[series([0, 0], [20, 20], [40, 40])]]), steps(40))).not.toContain(null);
  });
});

describe('levels over time', () => {
  test.each([
    {
      name: 'hold from a sample to the next, the first before it, too, and the last to the end',
      tracks: [[series([0.5, 10], [1, 30], [3, 50])]],
      expected: [10, 30, 30, 50],
    },
    {
      name: 'are nothing between an ended start and the next',
      tracks: [[series([0, 10], [1, 10]), series([3, 20], [4, 20])]],
      expected: [10, 10, 0, 20],
    },
    { name: 'are added up', tracks: [[series([0, 10], [2, 30])], [series([1, 5])]], expected: [15, 15, 35, 35] },
    {
      name: 'are unknown when one was never measured',
      tracks: [[series([0, 10])], []],
      expected: [null, null, null, null],
    },
  ])('$name', ({ tracks, expected }) => {
    expect(levelsOverTime(lives(tracks), steps(4))).toEqual(expected);
  });
});
