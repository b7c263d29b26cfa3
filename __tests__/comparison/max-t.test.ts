import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { clearness, errorOfEach, type FamilyMember, stepDown } from '../../src/comparison/max-t.ts';
import { signFlips } from '../../src/comparison/sign-flips.ts';

const BLOCKS = 8;
const flips = signFlips(BLOCKS);
const member = (effects: readonly number[], statistic: FamilyMember['statistic'] = 'signed-rank'): FamilyMember => ({
  blocks: effects.map((_, block) => block),
  effects,
  statistic,
});
const effects = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: BLOCKS, maxLength: BLOCKS });

/** The same measurements if the coins had fallen in another way. */
const fallen = (members: readonly FamilyMember[], fall: number): FamilyMember[] =>
  members.map((each) => ({
    ...each,
    effects: each.effects.map((effect, block) => effect * (flips.signs[block * flips.falls + fall] ?? 1)),
  }));

describe('p-values that are adjusted for several figures', () => {
  const adjusted = (members: readonly FamilyMember[]): number[] =>
    stepDown(members.map((each) => clearness(flips, each, 0, 1)));

  test('are at most `a` in at most a share `a` of all falls of the coins, whatever was measured', () => {
    fc.assert(
      fc.property(fc.array(effects, { minLength: 3, maxLength: 3 }), (measured) => {
        const members = measured.map((values, index) => member(values, index === 0 ? 'sum' : 'signed-rank'));
        const least = Array.from({ length: flips.falls }, (_, fall) => Math.min(...adjusted(fallen(members, fall))));
        for (const error of [0.01, 0.025, 0.05]) {
          expect(least.filter((p) => p <= error).length / flips.falls).toBeLessThanOrEqual(error);
        }
      }),
      { numRuns: 8 },
    );
  });

  test('cost nothing where figures say the same, and what Bonferroni takes where they have nothing in common', () => {
    const clear = member([1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7]);
    expect(adjusted([clear])).toEqual([1 / 256]);
    expect(adjusted([clear, clear, clear, clear])).toEqual([1 / 256, 1 / 256, 1 / 256, 1 / 256]);
    // Each other one is as clear in a fall of its own.
    const others = [1, 2, 3].map((at) => member(clear.effects.map((effect, block) => (block < at ? -effect : effect))));
    expect(adjusted([clear, ...others])[0]).toBe(4 / 256);
  });

  test('are least for the figure whose blocks agree in size, when all blocks of several point one way', () => {
    const even = member([3, 3.1, 3.2, 3, 3.1, 3.2, 3, 3.1]);
    const noise = member([0.1, 5, -0.2, 3, 0.3, 4, -0.1, 2]);
    expect(adjusted([noise, even])[1]).toBe(1 / 256);
  });
});

describe('the error that each interval may have', () => {
  test('is that of all for one figure, and between it and its share for several', () => {
    fc.assert(
      fc.property(fc.array(effects, { minLength: 1, maxLength: 4 }), (measured) => {
        const members = measured.map((values) => member(values));
        const centres = measured.map(() => 0);
        const each = errorOfEach(flips, members, centres, 0.05);
        expect(each).toBeLessThanOrEqual(0.05 * (1 + 1e-5));
        expect(each).toBeGreaterThanOrEqual(0.05 / measured.length);
      }),
      { numRuns: 30 },
    );
    const same = member([1, -2, 3, -4, 5, -6, 7, 8]);
    // The levels of eight blocks are so far apart: 0.8, 1.6, 2.3, 3.9, 5.5 %.
    expect(errorOfEach(flips, [same, same, same], [0, 0, 0], 0.05)).toBeCloseTo(10 / 256, 6);
  });
});
