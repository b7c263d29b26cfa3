import { describe, expect, test } from '@jest/globals';
import { changePoints } from '../../src/comparison/change-points.ts';
import { createRandom } from '../../src/load/random.ts';

/** Noise with a standard deviation of 1 around each level. */
const series = (seed: string, ...levels: (readonly [count: number, level: number])[]): number[] => {
  const random = createRandom(seed);
  const noise = (): number => Array.from({ length: 12 }, () => random.uniform()).reduce((a, b) => a + b, -6);
  return levels.flatMap(([count, level]) => Array.from({ length: count }, () => level + noise()));
};

describe('change points', () => {
  test('are where the level changes, with the means on both sides', () => {
    const [change, ...others] = changePoints(series('one', [20, 100], [20, 105]));
    expect(others).toEqual([]);
    expect(change?.index).toBe(20);
    expect(Math.abs((change?.before ?? 0) - 100)).toBeLessThan(1);
    expect(Math.abs((change?.after ?? 0) - 105)).toBeLessThan(1);
    expect(change?.pValue).toBeLessThanOrEqual(0.05);
  });

  test('are several, in the order of time', () => {
    const found = changePoints(series('two', [15, 10], [15, 16], [15, 8])).map(({ index }) => index);
    expect(found).toEqual([15, 30]);
  });

  test('are there for a change of the spread alone, too', () => {
    const calm = series('calm', [40, 0]).map((value) => value / 10);
    const wild = series('wild', [40, 0]).map((value) => value * 3);
    const [change] = changePoints([...calm, ...wild]);
    expect(Math.abs((change?.index ?? 0) - 40)).toBeLessThanOrEqual(4);
  });

  test('are rare where nothing changes', () => {
    const wrong = Array.from({ length: 40 }, (_, index) =>
      changePoints(series(`none ${String(index)}`, [25, 7])),
    ).filter((found) => found.length > 0);
    // With the stated 5 % more than 6 of 40 have a probability of 0.4 %.
    expect(wrong.length).toBeLessThanOrEqual(6);
  });

  test.each([
    { name: 'of nothing', values: [] },
    { name: 'of too few values', values: [1, 1, 1, 9, 9, 9, 9] },
    { name: 'of equal values', values: Array.from({ length: 30 }, () => 4) },
    { name: 'around one odd value', values: [...series('odd', [15, 10]), 30, ...series('odd 2', [15, 10])] },
  ])('there are none $name', ({ values }) => {
    expect(changePoints(values)).toEqual([]);
  });

  test('the same values give the same answer', () => {
    const values = series('same', [12, 1], [12, 3]);
    expect(changePoints(values)).toEqual(changePoints(values));
  });
});
