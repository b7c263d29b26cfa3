import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Series } from '../../../src/cluster/usage/samples.ts';
import { levelsOf, lifeOf, ratesOf, samplesOf, type Life } from '../../../src/cluster/usage/container-life.ts';
import { meanOf, peakOf, summed, totalOf } from '../../../src/cluster/usage/summed-use.ts';

const series = (...samples: readonly (readonly [second: number, value: number])[]): Series => ({
  labels: {},
  samples: samples.map(([time, value]) => ({ time, value })),
});
const WINDOW = { from: 0, to: 10 };

describe('what a counter says of a window', () => {
  const table: { name: string; life: Life; mean: number | null; peak: number | null }[] = [
    {
      name: 'the increase between the first and the last sample over the time between them',
      life: lifeOf([series([1, 10], [3, 12], [5, 18])]),
      mean: 2,
      peak: 3,
    },
    { name: 'a counter that stands still', life: lifeOf([series([0, 5], [2, 5])]), mean: 0, peak: 0 },
    {
      name: 'a counter that fell began again at 0',
      life: lifeOf([series([0, 10], [2, 14], [4, 2], [6, 4])]),
      mean: 8 / 6,
      peak: 2,
    },
    {
      name: 'a start after another counts from 0, and on',
      life: lifeOf([series([0, 10], [2, 14]), series([4, 2], [6, 4])]),
      mean: 8 / 6,
      peak: 2,
    },
    {
      name: 'even when it has more than the one before had',
      life: lifeOf([series([0, 1], [2, 2]), series([4, 4], [6, 4])]),
      mean: 5 / 6,
      peak: 2,
    },
    {
      name: 'starts of one sample each',
      life: lifeOf([series([0, 1]), series([2, 2]), series([4, 4])]),
      mean: 6 / 4,
      peak: 2,
    },
    {
      name: 'nothing is used between the end of a start and the next, as far as that is known',
      life: lifeOf([series([0, 0], [2, 2]), series([8, 1], [10, 3])], { starts: [7] }),
      mean: 0.5,
      peak: 1,
    },
    {
      name: 'nothing was used before the first start',
      life: lifeOf([series([6, 1], [10, 5])], { starts: [5] }),
      mean: 0.5,
      peak: 1,
    },
    {
      name: 'a start before the window says nothing of its beginning',
      life: lifeOf([series([6, 100], [10, 104])], { starts: [-50] }),
      mean: 1,
      peak: 1,
    },
    {
      name: 'nothing is used after the end',
      life: lifeOf([series([0, 0], [4, 4])], { endedAt: 4 }),
      mean: 0.4,
      peak: 1,
    },
    {
      name: 'the same counter from two scrapers counts once',
      life: lifeOf([series([0, 0], [2, 2], [4, 4]), series([1, 1], [3, 3])]),
      mean: 1,
      peak: 1,
    },
    {
      name: 'what is still shown of a start that has ended is left out',
      life: lifeOf([series([0, 0], [4, 4], [5, 4]), series([4.5, 0], [9, 9])]),
      mean: 13 / 9,
      peak: 2,
    },
    { name: 'one sample says nothing about a rate', life: lifeOf([series([3, 7])]), mean: null, peak: null },
    {
      name: 'two samples of one moment say nothing, either',
      life: lifeOf([series([3, 7], [3, 8])]),
      mean: null,
      peak: null,
    },
    { name: 'no samples', life: lifeOf([series()]), mean: null, peak: null },
    { name: 'no series', life: lifeOf([]), mean: null, peak: null },
  ];
  test.each(table)('$name', ({ life, mean, peak }) => {
    const sum = summed([ratesOf(life, WINDOW.from)], WINDOW);
    const near = (value: number | null): unknown => (value === null ? null : expect.closeTo(value, 9));
    expect([meanOf(sum, WINDOW), peakOf(sum)]).toEqual([near(mean), near(peak)]);
  });

  test('several containers are added up where each has a value', () => {
    const lives = [lifeOf([series([0, 0], [10, 10])]), lifeOf([series([4, 0], [6, 6])])];
    const sum = summed(
      lives.map((life) => ratesOf(life, 0)),
      WINDOW,
    );
    expect(sum).toEqual([{ from: 4, to: 6, value: 4 }]);
    expect(totalOf(sum, { from: 4, to: 6 })).toBe(8);
    expect(totalOf(sum, { from: 3, to: 6 })).toBeNull();
  });
});

describe('memory', () => {
  const most = (...lives: readonly Life[]): number | null =>
    peakOf(
      summed(
        lives.map((life) => levelsOf(life, WINDOW)),
        WINDOW,
      ),
    );
  test.each([
    { name: 'the highest sample', lives: [lifeOf([series([1, 5], [2, 9], [3, 6])])], expected: 9 },
    {
      name: 'of several containers at one moment, not of each at its own',
      lives: [lifeOf([series([0, 10], [5, 1])]), lifeOf([series([0, 1], [5, 10])])],
      expected: 11,
    },
    {
      name: 'of starts one after the other, never of both',
      lives: [lifeOf([series([0, 8], [2, 8]), series([4, 8], [6, 8]), series([8, 8], [10, 8])])],
      expected: 8,
    },
    {
      name: 'a single sample of each is enough',
      lives: [lifeOf([series([2, 8])]), lifeOf([series([7, 3])])],
      expected: 11,
    },
    {
      name: 'before its start a container has none',
      lives: [lifeOf([series([0, 10], [4, 1])]), lifeOf([series([6, 5])], { starts: [5] })],
      expected: 10,
    },
    {
      name: 'after its end, neither',
      lives: [lifeOf([series([0, 1], [4, 10])]), lifeOf([series([1, 5])], { endedAt: 3 })],
      expected: 10,
    },
    {
      name: 'one container without any makes the sum unknown',
      lives: [lifeOf([series([2, 8])]), lifeOf([])],
      expected: null,
    },
  ])('$name', ({ lives, expected }) => {
    expect(most(...lives)).toBe(expected);
  });
});

/** A container with a few starts: how long each ran, how long it was down before, and what it used. */
const anyContainer = fc.array(
  fc.record({
    downSeconds: fc.integer({ min: 1, max: 5 }),
    cores: fc.double({ min: 0, max: 4, noNaN: true }),
    memory: fc.integer({ min: 1, max: 1000 }),
    samples: fc.integer({ min: 1, max: 6 }),
  }),
  { minLength: 1, maxLength: 4 },
);

test('however often a container was started anew, all of its CPU time counts, once', () => {
  fc.assert(
    fc.property(anyContainer, (given) => {
      let [time, used] = [0, 0];
      const all = given.map(({ downSeconds, cores, samples }) => {
        const start = time + downSeconds;
        const points = Array.from({ length: samples }, (_, index): [number, number] => [
          start + index + 1,
          cores * (index + 1),
        ]);
        time = start + samples;
        used += cores * samples;
        return { start, series: series(...points) };
      });
      const life = lifeOf(
        all.map((one) => one.series),
        { starts: all.map(({ start }) => start) },
      );
      const span = { from: 0, to: time };
      expect(totalOf(summed([ratesOf(life, 0)], span), span)).toBeCloseTo(used, 6);
      expect(samplesOf(life)).toBe(given.reduce((sum, { samples }) => sum + samples, 0));
    }),
  );
});

test('memory is never more than the highest sample of each container together, however often they were started anew', () => {
  fc.assert(
    fc.property(fc.array(anyContainer, { minLength: 1, maxLength: 3 }), (containers) => {
      const lives = containers.map((starts) => {
        let time = 0;
        return lifeOf(
          starts.map(({ downSeconds, memory, samples }) =>
            series(
              ...Array.from({ length: samples }, (_, index): [number, number] => [
                (time += index === 0 ? downSeconds : 1),
                memory,
              ]),
            ),
          ),
        );
      });
      const span = { from: 0, to: 60 };
      const most =
        peakOf(
          summed(
            lives.map((life) => levelsOf(life, span)),
            span,
          ),
        ) ?? NaN;
      const ofEach = containers.map((starts) => Math.max(...starts.map(({ memory }) => memory)));
      expect(most).toBeLessThanOrEqual(ofEach.reduce((a, b) => a + b));
      expect(most).toBeGreaterThanOrEqual(Math.max(...ofEach));
    }),
  );
});
