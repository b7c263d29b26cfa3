import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Series } from '../../../src/cluster/usage/samples.ts';
import { lifeOf, reaches } from '../../../src/cluster/usage/container-life.ts';
import { cpuSecondsOf, memoryBytesOf, type LoadedTime } from '../../../src/cluster/usage/window-usage.ts';

const series = (...samples: [number, number][]): Series => ({
  labels: {},
  samples: samples.map(([time, value]) => ({ time, value })),
});
/** A container for each series. */
const lives = (all: readonly Series[]) => all.map((one) => lifeOf([one]));
const TWO: readonly LoadedTime[] = [
  { start: 10, end: 12 },
  { start: 20, end: 24 },
];

describe('CPU seconds of stretches under load', () => {
  const table: { name: string; series: Series[]; stretches?: readonly LoadedTime[]; expected: (number | null)[] }[] = [
    { name: 'a sample in each pause makes them exact', series: [series([5, 1], [15, 4], [30, 11])], expected: [3, 7] },
    {
      name: 'samples within a stretch change nothing',
      series: [series([5, 1], [11, 1.9], [15, 4], [22, 8], [30, 11])],
      expected: [3, 7],
    },
    {
      name: 'without a sample between, they share by time under load',
      series: [series([5, 0], [30, 6])],
      expected: [2, 4],
    },
    { name: 'a sample at the border', series: [series([10, 1], [12, 4], [20, 4], [24, 5])], expected: [3, 1] },
    {
      name: 'several containers add up',
      series: [series([5, 0], [15, 1], [30, 2]), series([4, 0], [16, 10], [31, 30])],
      expected: [11, 21],
    },
    { name: 'a counter that began again', series: [series([5, 100], [15, 103], [19, 0], [30, 4])], expected: [3, 4] },
    { name: 'no sample before', series: [series([11, 1], [15, 4], [30, 11])], expected: [null, 7] },
    { name: 'no sample after', series: [series([5, 1], [15, 4], [23, 9])], expected: [3, null] },
    {
      name: 'one container without',
      series: [series([5, 1], [15, 4], [30, 11]), series([15, 4], [30, 11])],
      expected: [null, 14],
    },
    { name: 'no series at all', series: [], expected: [null, null] },
  ];
  test.each(table)('$name', ({ series: given, expected }) => {
    expect(cpuSecondsOf(lives(given), TWO)).toEqual(expected);
  });

  test('are those that were used, wherever the samples are, as long as each pause has one', () => {
    const cpu = fc.double({ min: 0.01, max: 4, noNaN: true });
    const stretch = fc.record({
      pause: fc.double({ min: 0.5, max: 9, noNaN: true }),
      length: fc.double({ min: 0.5, max: 9, noNaN: true }),
      cpu,
      extra: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }),
    });
    fc.assert(
      fc.property(fc.array(stretch, { minLength: 1, maxLength: 6 }), (given) => {
        const stretches: LoadedTime[] = [];
        const samples: [number, number][] = [[0, 0]];
        let [time, counter] = [0, 0];
        for (const { pause, length, cpu: used, extra } of given) {
          const [start, before] = [time + pause, counter];
          stretches.push({ start, end: start + length });
          for (const share of [...extra].sort((a, b) => a - b))
            samples.push([start + share * length, before + share * used]);
          counter += used;
          time = start + length;
          samples.push([time + 0.1, counter]);
        }
        const found = cpuSecondsOf(lives([series(...samples)]), stretches);
        found.forEach((value, index) => {
          expect(value).toBeCloseTo(given[index]?.cpu ?? NaN, 6);
        });
      }),
    );
  });
});

describe('memory of stretches', () => {
  test.each([
    { name: 'the highest sample within', given: [series([11, 5], [11.5, 9], [13, 20], [21, 7])], expected: [9, 7] },
    {
      name: 'the last one before the end where there is none within',
      given: [series([5, 4], [15, 6])],
      expected: [4, 6],
    },
    { name: 'the sum over containers', given: [series([5, 4]), series([6, 3])], expected: [7, 7] },
    { name: 'nothing without a sample', given: [series([13, 4])], expected: [null, 4] },
    { name: 'nothing without a series', given: [], expected: [null, null] },
  ])('$name', ({ given, expected }) => {
    expect(memoryBytesOf(lives(given), TWO)).toEqual(expected);
  });

  test.each([
    { name: 'with a sample after it', life: lifeOf([series([5, 1], [7, 2])]), expected: true },
    { name: 'with one before it only', life: lifeOf([series([5, 1])]), expected: false },
    {
      name: 'when the series of the current start is that long',
      life: lifeOf([series([1, 1], [2, 2]), series([4, 0], [6, 1])]),
      expected: true,
    },
    { name: 'when it has ended', life: lifeOf([series([5, 1])], { endedAt: 5.5 }), expected: true },
    { name: 'not without any', life: lifeOf([series()]), expected: false },
  ])('everything until a moment can be told $name', ({ life, expected }) => {
    expect(reaches(life, 6)).toBe(expected);
  });
});
