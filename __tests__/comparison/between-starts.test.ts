import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { areBeyond, boundsByStarts, type StartEffects, varianceBetween } from '../../src/comparison/between-starts.ts';
import { createRandom } from '../../src/load/random.ts';

/** A start whose blocks lie so far around its centre. */
const start = (centre: number, noise = 0, blocks = 6): StartEffects => ({
  centre,
  effects: Array.from({ length: blocks }, (_, block) => centre + (block % 2 === 0 ? noise : -noise)),
});

describe('the variance between starts', () => {
  test('is that of their estimates where blocks have no noise', () => {
    // var(c(1, 2, 4)) in R.
    expect(varianceBetween([start(1), start(2), start(4)])).toBeCloseTo(7 / 3, 12);
  });

  test('is 0 where the noise of the blocks makes estimates differ as much', () => {
    expect(varianceBetween([start(1, 3), start(1.5, 3), start(1.2, 3)])).toBe(0);
  });

  test('is not hidden by a block in which the machine stood still', () => {
    const still: StartEffects = { centre: 4, effects: [4, 4, 4, 4, 4, 1000] };
    expect(varianceBetween([start(1, 0.1), start(2, 0.1), still])).toBeGreaterThan(2);
  });

  test('of equal starts is found to be small, and of different ones about what it is', () => {
    const random = createRandom('between starts');
    const normal = (): number =>
      Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
    const mean = (between: number): number => {
      let sum = 0;
      for (let i = 0; i < 300; i++) {
        const starts = Array.from({ length: 4 }, () => {
          const own = between * normal();
          const effects = Array.from({ length: 9 }, () => own + normal());
          return { centre: effects.reduce((total, effect) => total + effect, 0) / 9, effects };
        });
        sum += varianceBetween(starts);
      }
      return sum / 300;
    };
    expect(mean(0)).toBeLessThan(0.1);
    expect(mean(2)).toBeGreaterThan(3);
    expect(mean(2)).toBeLessThan(5);
  });
});

describe('the interval by starts', () => {
  test('is the mean of the other starts where they differ by no more than noise', () => {
    const { low, high } = boundsByStarts(start(9, 3), [start(10, 3), start(10.5, 3)], 0.025);
    expect([low, high]).toEqual([10.25, 10.25]);
  });

  test('reaches t standard errors to both sides where they do', () => {
    // Estimates 1, 2 and 4: 3 ± qt(0.975, 2) * sqrt(7 / 3 / 2)
    const { low, high } = boundsByStarts(start(1), [start(2), start(4)], 0.025);
    expect(low).toBeCloseTo(3 - 4.302653 * Math.sqrt(7 / 6), 5);
    expect(high).toBeCloseTo(3 + 4.302653 * Math.sqrt(7 / 6), 5);
  });

  test('holds the mean of the other starts, is wider for a smaller error, and turns with the signs', () => {
    const centre = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(centre, fc.array(centre, { minLength: 2, maxLength: 8 }), (first, others) => {
        const bounds = (error: number, sign = 1) =>
          boundsByStarts(
            start(sign * first, 0.1),
            others.map((each) => start(sign * each, 0.1)),
            error,
          );
        const [cautious, usual, turned] = [bounds(0.01), bounds(0.025), bounds(0.025, -1)];
        const mean = others.reduce((sum, each) => sum + each, 0) / others.length;
        expect(usual.low).toBeLessThanOrEqual(mean + 1e-12);
        expect(usual.high).toBeGreaterThanOrEqual(mean - 1e-12);
        expect(cautious.low).toBeLessThanOrEqual(usual.low + 1e-12);
        expect(cautious.high).toBeGreaterThanOrEqual(usual.high - 1e-12);
        expect(turned.low).toBeCloseTo(-usual.high, 9);
        expect(turned.high).toBeCloseTo(-usual.low, 9);
      }),
    );
  });
});

describe('a change', () => {
  const margin = Math.log(1.05);
  const beyond = (centres: readonly number[], isRatio = true, toward: 1 | -1 = 1): boolean => {
    const others = centres.map((ratio) => start(toward * Math.log(ratio)));
    return areBeyond(others, boundsByStarts(start(toward * Math.log(2)), others, 0.025), { margin, toward, isRatio });
  };

  test.each([
    { name: 'by their interval', centres: [1.99, 2.01], borne: true },
    { name: 'each by far, however much they differ', centres: [1.5, 9], borne: true },
    { name: 'only one of them by far', centres: [1.2, 9], borne: false },
    { name: 'none', centres: [1.01, 0.98], borne: false },
  ])('is borne out by starts that show it: $name', ({ centres, borne }) => {
    expect(beyond(centres)).toBe(borne);
    expect(beyond(centres, true, -1)).toBe(borne);
  });

  test('of a difference has no size that is large in itself', () => {
    expect(beyond([1.5, 9], false)).toBe(false);
  });
});
