import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Series } from '../../../src/cluster/usage/samples.ts';
import {
  levelsOf,
  type Life,
  lifeOf,
  ratesOf,
  reaches,
  samplesOf,
  withoutHoles,
} from '../../../src/cluster/usage/container-life.ts';
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

const at = (...times: readonly number[]): Series => series(...times.map((time) => [time, 1] as const));

describe('the starts that series tell of', () => {
  test.each<[string, Series[], number[][]]>([
    [
      'are in the order of time, however many samples each has',
      [at(4, 6, 8), at(0, 2)],
      [
        [0, 2],
        [4, 6, 8],
      ],
    ],
    ['are none where there is no sample', [at(), at(1)], [[1]]],
    ['are one where a second scraper has seen it', [at(1, 3), at(0, 2, 4)], [[0, 2, 4]]],
    ['are one where half of the shorter time is shared', [at(0, 5, 10), at(5, 10, 15)], [[0, 5, 10]]],
    ['are one where a single sample lies within', [at(0, 4), at(4)], [[0, 4]]],
    [
      'are two where less is shared, and the first one ends with the second',
      [at(0, 5, 10), at(8, 14, 20)],
      [
        [0, 5],
        [8, 14, 20],
      ],
    ],
    [
      'are all of several',
      [at(0, 2), at(8, 9), at(4, 6), at(1, 2)],
      [
        [0, 2],
        [4, 6],
        [8, 9],
      ],
    ],
  ])('%s', (_, given, expected) => {
    const life = lifeOf(given);
    expect(life.series.map(({ samples }) => samples.map(({ time }) => time))).toEqual(expected);
    expect(samplesOf(life)).toBe(expected.flat().length);
  });
});

test.each<[string, Life, number, boolean]>([
  ['a sample at that moment', lifeOf([at(0, 4)]), 4, true],
  ['no sample that late', lifeOf([at(0, 4)]), 5, false],
  ['a sample of another start', lifeOf([at(0, 2), at(6)]), 5, true],
  ['an end, after which there is none', lifeOf([at(0)], { endedAt: 1 }), 5, true],
  ['nothing at all', lifeOf([]), 5, false],
])('what happened until a moment is known by %s: %#', (_, life, time, expected) => {
  expect(reaches(life, time)).toBe(expected);
});

describe('the rates of a counter', () => {
  test.each<[string, Life, (readonly [from: number, to: number, value: number])[]]>([
    [
      'lie between its samples',
      lifeOf([series([0, 10], [2, 14], [6, 16])]),
      [
        [0, 2, 2],
        [2, 6, 0.5],
      ],
    ],
    ['are not of samples of one moment', lifeOf([series([0, 0], [0, 1], [2, 3])]), [[0, 2, 1]]],
    [
      'end with it',
      lifeOf([series([0, 0], [4, 4])], { endedAt: 6 }),
      [
        [0, 4, 1],
        [6, Infinity, 0],
      ],
    ],
    [
      'do not end before its last sample',
      lifeOf([series([0, 0], [4, 4])], { endedAt: 3 }),
      [
        [0, 4, 1],
        [4, Infinity, 0],
      ],
    ],
    [
      'begin with its start',
      lifeOf([series([4, 6])], { starts: [1] }),
      [
        [-Infinity, 1, 0],
        [1, 4, 2],
      ],
    ],
    [
      'begin with the last start before its sample',
      lifeOf([series([4, 6])], { starts: [3, 1] }),
      [
        [-Infinity, 3, 0],
        [3, 4, 6],
      ],
    ],
    [
      'begin with a start at the beginning of the window',
      lifeOf([series([3, 6])], { starts: [0] }),
      [
        [-Infinity, 0, 0],
        [0, 3, 2],
      ],
    ],
    [
      'do not begin with a start that its sample came with',
      lifeOf([series([4, 6], [5, 7])], { starts: [4] }),
      [[4, 5, 1]],
    ],
    ['go on after a start that was not seen', lifeOf([series([0, 8]), series([4, 2])]), [[0, 4, 0.5]]],
  ])('%s', (_, life, expected) => {
    expect(ratesOf(life, 0)).toEqual(expected.map(([from, to, value]) => ({ from, to, value })));
  });
});

describe('the levels of a gauge', () => {
  const window = { from: 0, to: 10 };

  test.each<[string, Life, (readonly [from: number, to: number, value: number])[]]>([
    [
      'hold until the next sample, the first one also before it, the last one to the end',
      lifeOf([series([0, 5], [2, 7])]),
      [
        [-Infinity, 0, 5],
        [0, 2, 5],
        [2, Infinity, 7],
      ],
    ],
    [
      'are those of the window, its first and last moment included',
      lifeOf([series([-1, 9], [0, 1], [10, 2], [11, 9])]),
      [
        [-Infinity, 0, 1],
        [0, 10, 1],
        [10, Infinity, 2],
      ],
    ],
    [
      'are the last one before a window without any',
      lifeOf([series([-9, 5]), series([-5, 7], [-3, 9])]),
      [
        [-Infinity, -3, 9],
        [-3, Infinity, 9],
      ],
    ],
    [
      'begin with the start',
      lifeOf([series([4, 6])], { starts: [2] }),
      [
        [-Infinity, 2, 0],
        [2, 4, 6],
        [4, Infinity, 6],
      ],
    ],
    [
      'end with it',
      lifeOf([series([0, 5], [2, 7])], { endedAt: 3 }),
      [
        [-Infinity, 0, 5],
        [0, 2, 5],
        [2, 3, 7],
        [3, Infinity, 0],
      ],
    ],
    [
      'do not end before the last sample',
      lifeOf([series([0, 5], [2, 7])], { endedAt: 1 }),
      [
        [-Infinity, 0, 5],
        [0, 2, 5],
        [2, Infinity, 0],
      ],
    ],
    [
      'hold for the usual distance of samples before another start, and then are nothing',
      lifeOf([series([0, 5], [2, 7]), series([6, 1], [8, 3])]),
      [
        [-Infinity, 0, 5],
        [0, 2, 5],
        [2, 4, 7],
        [4, 6, 0],
        [6, 8, 1],
        [8, Infinity, 3],
      ],
    ],
    [
      'hold until a start that comes sooner',
      lifeOf([series([0, 5], [4, 7]), series([6, 1], [10, 3])]),
      [
        [-Infinity, 0, 5],
        [0, 4, 5],
        [4, 6, 7],
        [6, 10, 1],
        [10, Infinity, 3],
      ],
    ],
    ['are none without any sample', lifeOf([]), []],
    ['are none before the first sample of a later time', lifeOf([at(12)]), []],
  ])('%s', (_, life, expected) => {
    expect(levelsOf(life, window)).toEqual(expected.map(([from, to, value]) => ({ from, to, value })));
  });
});

describe('a hole between samples', () => {
  const window = { from: 0, to: 1000 };
  const everySecond = lifeOf([at(0, 1, 2)]);
  const every10Seconds = lifeOf([at(0, 10, 20)]);

  test.each([
    ['is none of up to 15 s', everySecond, { from: 0, to: 15, value: 1 }, true],
    ['is one of more', everySecond, { from: 0, to: 16, value: 1 }, false],
    ['is none of up to three usual distances', every10Seconds, { from: 0, to: 30, value: 1 }, true],
    ['is one of more than these', every10Seconds, { from: 0, to: 31, value: 1 }, false],
    [
      'is judged by the usual distance, not by a rare one',
      lifeOf([at(0, 10, 11, 21)]),
      { from: 0, to: 30, value: 1 },
      true,
    ],
    ['is measured within the window', everySecond, { from: -90, to: 15, value: 1 }, true],
    ['is measured up to the end of the window', everySecond, { from: 985, to: 2000, value: 1 }, true],
    ['is none where nothing was used', everySecond, { from: 0, to: 900, value: 0 }, true],
    ['is one where nothing tells how far samples are apart', lifeOf([]), { from: 0, to: 16, value: 1 }, false],
  ])('%s', (_, life, stretch, isKept) => {
    expect(withoutHoles(life, [stretch], window)).toEqual(isKept ? [stretch] : []);
  });
});
